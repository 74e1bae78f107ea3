#pragma once
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <calotype/error.h>
#include <calotype/tensor.h>

#include "networks/kernels/cuda_library.h"

namespace calotype::networks {

/// One of those that has_cuda_kernels() takes.
inline cuda::NumberFormat format(at::ScalarType type) {
  if (type == at::kFloat) return cuda::NumberFormat::kFloat32;
  return type == at::kHalf ? cuda::NumberFormat::kFloat16 : cuda::NumberFormat::kBFloat16;
}
inline cuda::NumberFormat format(const at::Tensor& x) {
  return format(x.scalar_type());
}

/// Null for an undefined tensor.
inline const void* in(const at::Tensor& t) {
  return t.defined() ? t.const_data_ptr() : nullptr;
}

/// In the type of x and dense; undefined stays so.
inline at::Tensor dense(const at::Tensor& t, const at::Tensor& x) {
  return t.defined() ? t.to(x.scalar_type()).contiguous() : t;
}

/// Queues one kernel's work on the current stream of x's device.
template <class Call>
void launch(const char* name, const at::Tensor& x, int32_t (*kernel)(const Call*, void*), const Call& call) {
  const c10::DeviceGuard guard(x.device());
  const c10::Stream stream = c10::impl::VirtualGuardImpl(x.device().type()).getStream(x.device());
  if (const int32_t error = kernel(&call, stream.native_handle()))
    throw Error(ErrorCode::internal,
                std::string(name) + " on " + x.device().str() + ": " + cuda_library().error_text(error));
}

}  // namespace calotype::networks
