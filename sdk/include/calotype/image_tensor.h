#pragma once
#include <ATen/ops/from_blob.h>
#include <calotype/image.h>
#include <calotype/tensor.h>

namespace calotype {

/// [1,3,H,W], 0 to 1, on any device -> 8-bit, rounded as diffusers rounds; what is outside 0 to 1 is cut.
inline Image to_image(const at::Tensor& pixels) {
  const at::Tensor bytes =
      pixels[0].mul(255).round().clamp(0, 255).permute({1, 2, 0}).to(at::kCPU, at::kByte).contiguous();
  Image image{int(bytes.size(1)), int(bytes.size(0)), {}};
  image.rgb.assign(bytes.const_data_ptr<uint8_t>(), bytes.const_data_ptr<uint8_t>() + bytes.numel());
  return image;
}

/// 8-bit -> [1,3,H,W] float32, 0 to 1, on the CPU. to_image gives the same bytes again.
inline at::Tensor to_tensor(const Image& image) {
  auto* const bytes = const_cast<uint8_t*>(image.rgb.data());  // only read, and copied below
  return at::from_blob(bytes, {1, image.height, image.width, 3}, at::kByte)
      .permute({0, 3, 1, 2})
      .to(at::kFloat)
      .div(255)
      .contiguous();
}

}  // namespace calotype
