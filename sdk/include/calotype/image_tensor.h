#pragma once
#include <ATen/ops/from_blob.h>
#include <calotype/image.h>
#include <calotype/tensor.h>

namespace calotype {

/// Converts [1,3,H,W] with values from 0 to 1, on any device, to 8 bits. Rounds to the nearest, as diffusers does;
/// values outside 0 to 1 are clamped.
inline Image to_image(const at::Tensor& pixels) {
  const at::Tensor bytes =
      pixels[0].mul(255).round().clamp(0, 255).permute({1, 2, 0}).to(at::kCPU, at::kByte).contiguous();
  Image image{int(bytes.size(1)), int(bytes.size(0)), {}};
  image.rgb.assign(bytes.const_data_ptr<uint8_t>(), bytes.const_data_ptr<uint8_t>() + bytes.numel());
  return image;
}

/// Converts 8 bits to [1,3,H,W] float32 with values from 0 to 1, on the CPU. to_image of the result gives the same
/// bytes.
inline at::Tensor to_tensor(const Image& image) {
  auto* const bytes = const_cast<uint8_t*>(
      image.rgb.data());  // from_blob wants a mutable pointer; the bytes are only read, and copied below
  return at::from_blob(bytes, {1, image.height, image.width, 3}, at::kByte)
      .permute({0, 3, 1, 2})
      .to(at::kFloat)
      .div(255)
      .contiguous();
}

}  // namespace calotype
