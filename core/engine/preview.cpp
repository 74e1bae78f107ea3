#include "engine/preview.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace calotype {
namespace {

constexpr int kChannels = 4;
/// Red, green and blue, from -1 to 1, of each channel of SDXL's scaled latents: a least-squares fit to what its
/// autoencoder decodes, as ComfyUI publishes it (comfy/latent_formats.py, class SDXL).
constexpr std::array<std::array<float, 3>, kChannels> kFactors{{{0.3651f, 0.4232f, 0.4341f},
                                                                {-0.2533f, -0.0042f, 0.1068f},
                                                                {0.1076f, 0.1111f, -0.0362f},
                                                                {-0.3165f, -0.2492f, -0.2188f}}};
constexpr std::array<float, 3> kBias{0.1084f, -0.0175f, -0.0011f};

uint8_t to_byte(float value) {
  const float scaled = (value + 1) * 127.5f;
  return std::isfinite(scaled) ? uint8_t(std::clamp(std::nearbyint(scaled), 0.0f, 255.0f)) : uint8_t(0);
}

}  // namespace

Image preview_of(const at::Tensor& latents) {
  if (latents.dim() != 4 || latents.size(1) != kChannels) return {};
  const at::Tensor planes = latents[0].to(at::kCPU, at::kFloat).contiguous();
  const auto count = size_t(planes.size(1) * planes.size(2));
  const float* values = planes.const_data_ptr<float>();
  Image image{int(planes.size(2)), int(planes.size(1)), std::vector<uint8_t>(count * 3)};
  for (size_t i = 0; i < count; ++i)
    for (size_t color = 0; color < 3; ++color) {
      float sum = kBias[color];
      for (size_t c = 0; c < kChannels; ++c) sum += kFactors[c][color] * values[c * count + i];
      image.rgb[i * 3 + color] = to_byte(sum);
    }
  return image;
}

}  // namespace calotype
