#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace calotype {

/// The final latents of a run as a safetensors file with one tensor, `latents` [N,C,h,w] float32, before the
/// decoder's scaling. Each element is [1,C,h,w].
std::string latents_bytes(const std::vector<at::Tensor>& images);

}  // namespace calotype
