#pragma once
#include <memory>
#include <string>
#include <vector>

#include "networks/files/safetensors.h"

namespace calotype::networks {

/// The weight files of one component of a diffusers folder: one, or the shards of an index. `stem` is
/// "diffusion_pytorch_model" or "model"; `variant` "auto", "none" or "fp16". No tensor is in two of them.
/// Throws Error (no_input, bad_data): nothing there, pickles only, an index that does not tell what its shards hold.
std::vector<std::shared_ptr<const SafetensorsFile>> open_component(const std::string& folder, const std::string& stem,
                                                                   const std::string& variant);

}  // namespace calotype::networks
