#pragma once
#include <calotype/tensor.h>

#include <cstdint>

namespace calotype::sdxl {

// How the kernels of cpu/ see tensors.

/// Numbers that one thread takes at a time at least: less costs more to hand out than to compute.
constexpr int64_t kGrain = 1 << 14;

/// `body` gets a number of the type that the kernels know those of the tensor by: float, or uint16_t for the bits of bfloat16.
template <class Body>
void of_type(const at::Tensor& x, Body body) {
  if (x.scalar_type() == at::kFloat) body(float{});
  else body(uint16_t{});
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

}  // namespace calotype::sdxl
