#pragma once
#include <calotype/tensor.h>

namespace calotype::networks {

// oneDNN's convolutions on the CPU, as libtorch has them, with weights that were brought once into the order in which
// it reads them. ATen's own operator does that in every call.

/// Whether weights of that device and type can be packed: on the CPU float32, and bfloat16 where the processor
/// multiplies it.
bool is_packable(const at::Tensor& weight);

/// How a square kernel moves over an image, the same along both sides.
struct Sliding {
  int64_t stride, padding;
};
/// weight [out,in,k,k] -> an opaque tensor for `packed_convolution`.
at::Tensor pack_convolution(const at::Tensor& weight, Sliding sliding);
/// x [N,in,H,W] -> [N,out,H',W'] in channels_last; bias [out] may be undefined.
at::Tensor packed_convolution(const at::Tensor& x, const at::Tensor& packed, const at::Tensor& bias, Sliding sliding);

}  // namespace calotype::networks
