#pragma once
#include <calotype/model_loader.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "attention_choice.h"
#include "merges.h"
#include "model_config.h"
#include "noise_schedule.h"
#include "safetensors.h"
#include "tensor_names.h"
#include "tiny_decoder_file.h"

namespace calotype::sdxl {

/// Files or folders that one network each is taken from instead of the model's; empty: the model's own. A file may hold
/// that network alone or with others, under the original names or those of diffusers; a folder is that of a component,
/// or of a whole model. Relative to the working directory.
struct OtherParts {
  std::string unet, vae, text_encoder, text_encoder_2;
  const std::string& of(Part part) const;
};

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
  AttentionRule attention = AttentionRule::fixed;
  bool fuses_all = false;         ///< see Weights::fuses_all
  FoundTinyDecoder tiny_decoder;  ///< beside the VAE
  bool draws_tiny = false;        ///< whether it stands in for the VAE's decoder

  /// What errors about a network begin with: "FILE: unet". The file is that which it was taken from.
  std::string where(Part part) const;
  std::map<Part, std::string> taken_from{};  ///< of the networks that are not the model's own
  std::set<Part> borrowed_configs{};         ///< of those, what has none of its own and goes by the model's

  TensorSources& sources(Part part);
  ModelConfig& config(Part part);

  explicit FoundModel(const std::string& path, const std::string& layout)
      : path(path),
        layout(layout),
        unet(path + ": unet"),
        vae(path + ": vae"),
        text_encoder(path + ": text_encoder"),
        text_encoder_2(path + ": text_encoder_2") {}
};

/// Reads a folder that diffusers wrote. `variant`: "auto" takes fp16 where nothing else is there, "none", "fp16". What
/// is among `others` need not be there. Throws Error (no_input, bad_data) naming the file, what was found and what was
/// wanted.
FoundModel find_diffusers_folder(const std::string& path, const std::string& variant, const OtherParts& others = {});

/// Reads a checkpoint under the original names; configs from its metadata where it carries them, else SDXL's. What it
/// lacks must be among `others`: with the VAE and the text encoders there, it may be a UNet alone. Throws Error
/// (no_input, bad_data); a file that is something else is refused by what it is.
FoundModel find_single_file(const std::string& path, const OtherParts& others = {});

/// Puts those networks in the place of the model's own, with the config.json that lies beside them, if one does. What
/// their files tell of prediction and noise levels goes before what the model's do. Throws Error (no_input, bad_data);
/// a file that is something else is refused by what it is.
void replace_parts(FoundModel& model, const OtherParts& others);

/// What a file tells of prediction and noise levels by tensors without weights (v_pred, ztsnr, edm_vpred.*, edm_mean,
/// edm_std) and metadata (modelspec.prediction_type).
void read_marks(const SafetensorsFile& file, FoundModel& model);

/// Throws Error (bad_data) `file: found a LoRA, ..., wanted ...` where the tensors' names tell that a file is something
/// else than SDXL's networks, or one of them alone, unless that is allowed.
void refuse_others(const SafetensorsFile& file, const char* wanted, bool parts_allowed);

/// What ModelLoader::describe tells.
ModelDescription describe(const FoundModel& model);

/// Refuses .ckpt, .pt, .pth and .bin: these are Python programs in disguise. Throws Error (bad_data) that tells how to
/// convert.
void refuse_pickle(const std::string& path);

}  // namespace calotype::sdxl
