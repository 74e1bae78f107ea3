#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "networks/files/key_mapping.h"
#include "networks/files/model_config.h"
#include "networks/files/safetensors.h"
#include "networks/layouts/family.h"
#include "networks/layouts/noise_schedule.h"
#include "networks/layouts/tiny_decoder_file.h"

namespace calotype::networks {

/// A model as its files describe it: headers and configs are read and checked, no weight is.
struct ModelLayout {
  const Family* family;
  std::string path;
  std::string layout;                                         ///< "diffusers folder", "single file"
  std::vector<std::shared_ptr<const SafetensorsFile>> files;  ///< what the sources point into
  Networks networks;
  ModelConfig index;  ///< model_index.json; of a single file: nothing
  ModelConfig unet, vae, text_encoder, text_encoder_2;
  NoiseSchedule schedule;
  std::string tokenizer, tokenizer_2;  ///< folders; empty: CLIP's own, which ships
  bool zeros_for_empty_prompt = false;
  FoundTinyDecoder tiny_decoder;  ///< beside the VAE
  bool decodes_tiny = false;      ///< whether it stands in for the VAE's decoder

  /// What errors about a network begin with: "FILE: unet". The file is that which it was taken from.
  std::string where(ComponentId id) const;
  std::map<ComponentId, std::string> taken_from{};  ///< of the networks that are not the model's own
  std::set<ComponentId> borrowed_configs{};         ///< of those, what has none of its own and goes by the model's

  TensorSources& sources(ComponentId id);
  const TensorSources& sources(ComponentId id) const;
  ModelConfig& config(ComponentId id);
  const ModelConfig& config(ComponentId id) const;

  ModelLayout(const Family& family, const std::string& path, const std::string& layout)
      : family(&family),
        path(path),
        layout(layout),
        index(path),
        unet(path + ": unet"),
        vae(path + ": vae"),
        text_encoder(path + ": text_encoder"),
        text_encoder_2(path + ": text_encoder_2") {}
};

}  // namespace calotype::networks
