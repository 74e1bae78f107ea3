#pragma once
#include <span>
#include <string>
#include <string_view>

#include "networks/files/component_id.h"
#include "networks/files/ldm_names.h"
#include "networks/files/tensor_sources.h"

namespace calotype::networks {

/// The networks of a model, each with its tensors under the names that diffusers gives them. Empty: it has none.
struct Networks {
  TensorSources unet, vae, text_encoder, text_encoder_2;
};

/// A text encoder below a prefix of an original checkpoint.
struct TextEncoderPrefix {
  ComponentId id;
  std::string_view prefix;
  Named (*name)(const TensorSources&);
};

/// How the original checkpoints of a family name their tensors, and how errors name the family. UNet and VAE have the
/// same prefixes in all (model.diffusion_model., first_stage_model.).
struct CheckpointNames {
  std::string_view id;                         ///< "sdxl"
  const char* family;                          ///< "SDXL"
  const char* checkpoint;                      ///< "an SDXL checkpoint"
  std::span<const std::string_view> unread{};  ///< tensors that checkpoints carry and no network reads
  std::span<const TextEncoderPrefix> text_encoders{};
};

/// Sorts the tensors of an original checkpoint into networks, whatever their depth and width. Steps over what
/// checkpoints are known to carry besides (position_ids, logit_scale, model_ema, training buffers). `where` begins the
/// error (bad_data) that names the first unknown tensors.
Networks name_checkpoint_tensors(const SafetensorsFile& file, const CheckpointNames& names, const std::string& where);

/// One network out of the tensors of files that may hold it alone or with others, under the original names or those of
/// diffusers. Empty where there is none of that kind. Throws Error (bad_data) that names the first unknown tensors.
TensorSources name_component_tensors(const TensorSources& all, ComponentId id, const CheckpointNames& names,
                                     const std::string& where);

/// A text encoder's tensors as folders and CLIP's checkpoints have them: "text_model.encoder.layers.0. ...".
Named name_text_encoder(const TensorSources& sources);

/// A text encoder's tensor as published folders name it: transformers 5 leaves "text_model." out.
std::string text_encoder_name(const std::string& name);

/// The autoencoder's tensor as diffusers names it since 0.17.
std::string vae_name(const std::string& name);

/// Whether a tensor of a text encoder is none of its weights: position_ids.
bool is_known_extra(const std::string& name);

}  // namespace calotype::networks
