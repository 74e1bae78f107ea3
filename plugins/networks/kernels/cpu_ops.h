#pragma once
#include <calotype/tensor.h>

namespace calotype::networks {

// The kernels of cpu/ over tensors on the CPU, on all of ATen's threads. Where ATen makes several passes over
// memory they make one, and in bfloat16 they multiply by the processor's own instructions.

/// Whether they work on tensors of that device and type: float32 and bfloat16.
bool has_cpu_kernels(const at::Tensor& x);

/// A copy of a contiguous tensor of float32, float16 or bfloat16 in another of these types.
at::Tensor cpu_converted(const at::Tensor& x, at::ScalarType type);

/// Mean and 1 / sqrt(variance + epsilon) of each group of channels of x + add, x [N,C,H,W], `add` [N,C] or undefined:
/// [N,groups,2] float32.
at::Tensor cpu_group_scales(const at::Tensor& x, int64_t groups, double epsilon, const at::Tensor& add);
/// GroupNorm of x + add by such scales, of x or of an image that x is a part of, then SiLU where `silu`:
/// channels_last.
at::Tensor cpu_group_norm(const at::Tensor& x, const at::Tensor& scales, const at::Tensor& weight,
                          const at::Tensor& bias, bool silu, const at::Tensor& add);

/// LayerNorm over the last dimension.
at::Tensor cpu_layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon);

/// Whether heads of that width will do.
bool is_cpu_attention_width(int64_t width);
/// As `attention` of layers.h, without a mask.
at::Tensor cpu_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int64_t heads);

}  // namespace calotype::networks
