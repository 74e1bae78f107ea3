#pragma once
#include <string>

#include "files/tensor_sources.h"

namespace calotype::sdxl {

/// The networks of a model, each with its tensors under the names that diffusers gives them. The refiner has no first
/// text encoder.
struct Networks {
  TensorSources unet, vae, text_encoder, text_encoder_2;
};

/// One of them.
enum class Part { unet, vae, text_encoder, text_encoder_2 };
/// Its name in settings, in a folder that diffusers wrote and in errors: "unet".
const char* part_name(Part part);

/// Sorts the tensors of an original SDXL checkpoint (model.diffusion_model., first_stage_model.,
/// conditioner.embedders.) into networks, whatever their depth and width. Steps over what checkpoints are known to
/// carry besides (position_ids, logit_scale, model_ema, training buffers). `where` begins the error (bad_data) that
/// names the first unknown tensors.
Networks name_checkpoint_tensors(const SafetensorsFile& file, const std::string& where);

/// One network out of the tensors of files that may hold it alone or with others, under the original names or those of
/// diffusers. Empty where there is none of that kind. Throws Error (bad_data) that names the first unknown tensors.
TensorSources name_part_tensors(const TensorSources& all, Part part, const std::string& where);

/// A text encoder's tensor as published folders name it: transformers 5 leaves "text_model." out.
std::string text_encoder_name(const std::string& name);

/// The autoencoder's tensor as diffusers names it since 0.17.
std::string vae_name(const std::string& name);

/// Whether a tensor of a text encoder is none of its weights: position_ids.
bool is_known_extra(const std::string& name);

}  // namespace calotype::sdxl
