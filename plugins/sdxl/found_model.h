#pragma once
#include <calotype/model_loader.h>

#include <memory>
#include <string>
#include <vector>

#include "merges.h"
#include "model_config.h"
#include "noise_schedule.h"
#include "safetensors.h"
#include "tensor_names.h"

namespace calotype::sdxl {

/// A model as its files describe it: headers and configs are read and checked, no weight is.
struct FoundModel {
  std::string path;
  std::string layout;                                         ///< "diffusers folder", "single file"
  std::vector<std::shared_ptr<const SafetensorsFile>> files;  ///< what the sources point into
  Networks networks;
  ModelConfig unet, vae, text_encoder, text_encoder_2;
  NoiseSchedule schedule;
  std::string tokenizer, tokenizer_2;  ///< folders; empty: CLIP's own, which ships
  bool zeros_for_empty_prompt = true;

  explicit FoundModel(const std::string& path, const std::string& layout)
      : path(path),
        layout(layout),
        unet(path + ": unet"),
        vae(path + ": vae"),
        text_encoder(path + ": text_encoder"),
        text_encoder_2(path + ": text_encoder_2") {}
};

/// Reads a folder that diffusers wrote. `variant`: "auto" takes fp16 where nothing else is there, "none", "fp16".
/// Throws Error (no_input, bad_data) naming the file, what was found and what was wanted.
FoundModel find_diffusers_folder(const std::string& path, const std::string& variant);

/// Reads a checkpoint under the original names; configs from its metadata where it carries them, else SDXL's.
/// Throws Error (no_input, bad_data); a file that is something else is refused by what it is.
FoundModel find_single_file(const std::string& path);

/// What ModelLoader::describe tells.
ModelDescription describe(const FoundModel& model);

/// Refuses .ckpt, .pt, .pth and .bin: these are Python programs in disguise. Throws Error (bad_data) that tells how to
/// convert.
void refuse_pickle(const std::string& path);

}  // namespace calotype::sdxl
