#pragma once
#include <calotype/tensor.h>

#include <utility>

#include "networks/kernels/byte_rows.h"

namespace calotype::networks {

// The kernels of cuda/ over tensors on a GPU, queued on its current stream. They compute in float32 and round
// once, and make one or two passes over memory where ATen makes more. The first of them opens sdxl_cuda.so, which may
// throw as cuda_library() does; each throws Error (internal) where the kernel cannot be started.

/// Whether they work on tensors of that device and type, float32, bfloat16 and float16, and this build has them.
bool has_cuda_kernels(const at::Tensor& x);

/// GroupNorm of x [N,C,H,W], then SiLU where `silu`; `add` [N,C], or undefined, is added to each position of x before.
/// The result is channels_last.
at::Tensor cuda_group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                           double epsilon, bool silu, const at::Tensor& add);

/// LayerNorm over the last dimension.
at::Tensor cuda_layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon);

/// x + onto, and LayerNorm of it; all of one shape.
std::pair<at::Tensor, at::Tensor> cuda_layer_norm_of_sum(const at::Tensor& x, const at::Tensor& onto,
                                                         const at::Tensor& weight, const at::Tensor& bias,
                                                         double epsilon);

/// LayerNorm of x, or of x + onto, in bytes of that type, int8 or e4m3, of the numbers rounded to x's type; and the
/// sum, which is x where onto is undefined.
struct CudaNormalBytes {
  at::Tensor sum;
  ByteRows normal;
};
CudaNormalBytes cuda_layer_norm_bytes(const at::Tensor& x, const at::Tensor& onto, const at::Tensor& weight,
                                      const at::Tensor& bias, double epsilon, at::ScalarType type);

/// x [...,2C], a and b side by side, plus bias [2C], which may be undefined -> a * gelu(b) [...,C].
at::Tensor cuda_geglu(const at::Tensor& x, const at::Tensor& bias);

/// The same in bytes, of the numbers rounded to x's type.
ByteRows cuda_geglu_bytes(const at::Tensor& x, const at::Tensor& bias, at::ScalarType type);

/// x + bias [C] + onto of x [N,C,H,W] and onto of the same shape, channels_last. x is written to where it is
/// channels_last.
at::Tensor cuda_residual(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto);

}  // namespace calotype::networks
