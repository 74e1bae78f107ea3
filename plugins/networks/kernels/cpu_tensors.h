#pragma once
#include <calotype/tensor.h>

#include <cstdint>

#include "networks/kernels/simd/number_format.h"

namespace calotype::networks {

// How the kernels of cpu/ see tensors.

/// Numbers that one thread takes at a time at least: less costs more to hand out than to compute.
constexpr int64_t kGrain = 1 << 14;

/// `body` gets a number of the type that the kernels know those of the tensor by: float, or uint16_t for the bits of
/// bfloat16.
template <class Body>
void of_type(at::ScalarType type, Body body) {
  if (type == at::kFloat)
    body(float{});
  else
    body(uint16_t{});
}
template <class Body>
void of_type(const at::Tensor& x, Body body) {
  of_type(x.scalar_type(), body);
}

/// Of float32, float16 or bfloat16.
inline cpu::NumberFormat format_of(at::ScalarType type) {
  if (type == at::kFloat) return cpu::NumberFormat::kFloat32;
  return type == at::kHalf ? cpu::NumberFormat::kFloat16 : cpu::NumberFormat::kBFloat16;
}

/// Null for an undefined tensor.
template <class T>
const T* in(const at::Tensor& t) {
  return t.defined() ? static_cast<const T*>(t.const_data_ptr()) : nullptr;
}
template <class T>
T* out(const at::Tensor& t) {
  return static_cast<T*>(t.mutable_data_ptr());
}

}  // namespace calotype::networks
