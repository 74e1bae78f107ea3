#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "files/key_mapping.h"
#include "files/model_config.h"
#include "files/safetensors.h"
#include "layouts/noise_schedule.h"
#include "layouts/tiny_decoder_file.h"

namespace calotype::sdxl {

/// A model as its files describe it: headers and configs are read and checked, no weight is.
struct ModelLayout {
  std::string path;
  std::string layout;                                         ///< "diffusers folder", "single file"
  std::vector<std::shared_ptr<const SafetensorsFile>> files;  ///< what the sources point into
  Networks networks;
  ModelConfig unet, vae, text_encoder, text_encoder_2;
  NoiseSchedule schedule;
  std::string tokenizer, tokenizer_2;  ///< folders; empty: CLIP's own, which ships
  bool zeros_for_empty_prompt = true;
  FoundTinyDecoder tiny_decoder;  ///< beside the VAE
  bool draws_tiny = false;        ///< whether it stands in for the VAE's decoder

  /// What errors about a network begin with: "FILE: unet". The file is that which it was taken from.
  std::string where(Part part) const;
  std::map<Part, std::string> taken_from{};  ///< of the networks that are not the model's own
  std::set<Part> borrowed_configs{};         ///< of those, what has none of its own and goes by the model's

  TensorSources& sources(Part part);
  ModelConfig& config(Part part);

  explicit ModelLayout(const std::string& path, const std::string& layout)
      : path(path),
        layout(layout),
        unet(path + ": unet"),
        vae(path + ": vae"),
        text_encoder(path + ": text_encoder"),
        text_encoder_2(path + ": text_encoder_2") {}
};

}  // namespace calotype::sdxl
