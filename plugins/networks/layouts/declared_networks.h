#pragma once
#include "networks/files/model_config.h"
#include "networks/layouts/declaration.h"

namespace calotype::networks {

/// What of the other networks a UNet's shapes follow from.
struct UnetNeighbours {
  int64_t text = 0;         ///< width of the text encoders together
  int64_t pooled = 0;       ///< of the pooled text
  int64_t latents = 0;      ///< channels of the autoencoder's latents
  bool reads_sizes = true;  ///< whether it reads the pooled text and sizes
};

/// diffusers' UNet2DConditionModel of any depth and width, as Stable Diffusion has it from 1 to XL.
Declaration declared_unet(const TensorSources& tensors, const ModelConfig& config, const UnetNeighbours& beside);
/// Width of the text that its attentions read; 0: none does.
int64_t read_text_width(const TensorSources& unet);

/// diffusers' AutoencoderKL of any depth and width.
Declaration declared_vae(const TensorSources& tensors);
int64_t latent_channels(const TensorSources& vae);

/// CLIP's text encoder of any depth and width. `is_projected`: whether the pooled text is read of it, for which it has
/// a projection.
Declaration declared_text_encoder(const TensorSources& tensors, const ModelConfig& config, bool is_projected);
int64_t text_width(const TensorSources& text_encoder);

}  // namespace calotype::networks
