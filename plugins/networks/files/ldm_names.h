#pragma once
#include <string>
#include <vector>

#include "networks/files/tensor_sources.h"

namespace calotype::networks {

/// Tensors under diffusers' names, and the names of those that the network has no place for.
struct Named {
  TensorSources tensors;
  std::vector<std::string> unknown;
};

// One network's tensors under the names of the original checkpoints, without the checkpoint's prefix, whatever the
// network's depth and width.

/// From "input_blocks.0.0.weight" and so on.
Named name_ldm_unet(const TensorSources& original);
/// From "encoder.down.0.block.0.norm1.weight" and so on.
Named name_ldm_vae(const TensorSources& original);
/// From "transformer.resblocks.0.ln_1.weight" and so on, as OpenCLIP names the text encoder that SDXL has second.
Named name_open_clip(const TensorSources& original);

}  // namespace calotype::networks
