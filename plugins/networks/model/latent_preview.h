#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

namespace calotype::networks {

/// A linear map from the channels of a model's scaled latents to red, green and blue, from -1 to 1.
struct LatentColors {
  std::vector<std::array<float, 3>> factors;  ///< of each channel
  std::array<float, 3> bias{};
};

/// A rough image of latents [1,C,h,w], an eighth of its width and height: [1,3,h,w] from 0 to 1, float32, on the same
/// device. Undefined if the map is for another number of channels.
at::Tensor linear_preview(const at::Tensor& latents, const LatentColors& colors);

}  // namespace calotype::networks
