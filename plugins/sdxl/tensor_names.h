#pragma once
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "safetensors.h"

namespace calotype::sdxl {

/// Where the values of one tensor of a network lie: a stored tensor, or a part of one.
struct TensorSource {
  std::string dtype;
  std::vector<int64_t> shape;       ///< of `data`
  std::span<const std::byte> data;  ///< valid while the SafetensorsFile lives
  bool transposed = false;          ///< the network's tensor is the transpose of the stored matrix
};

/// One network's tensors under the names that diffusers gives them.
using TensorSources = std::map<std::string, TensorSource>;

/// The networks of a model.
struct Networks {
  TensorSources unet, vae, text_encoder, text_encoder_2;
};

/// Sorts the tensors of an original SDXL checkpoint (model.diffusion_model., first_stage_model., conditioner.embedders.)
/// into networks, whatever their depth and width. Steps over what checkpoints are known to carry besides (position_ids,
/// logit_scale, model_ema, training buffers). `where` begins the error (bad_data) that names the first unknown tensors.
Networks name_checkpoint_tensors(const SafetensorsFile& file, const std::string& where);

/// A text encoder's tensor as published folders name it: transformers 5 leaves "text_model." out.
std::string text_encoder_name(const std::string& name);

/// Whether a tensor of a text encoder is none of its weights: position_ids.
bool is_known_extra(const std::string& name);

}  // namespace calotype::sdxl
