#pragma once
#include <calotype/tensor.h>

#include <optional>

namespace calotype::networks {

// One launch each around a call of the network on a GPU, where ATen has one for each sign of the formula. As cuda_ops.h
// says.

/// x [N,C,H,W] float32 times `factor` in that type, `copies` times: [copies*N,C,H,W], channels_last as convolutions
/// want it.
at::Tensor cuda_scaled(const at::Tensor& x, double factor, int64_t copies, at::ScalarType type);

/// of_x * x + of_output * output, x [N,C,H,W] float32, output of the same shape, or with guidance [2N,C,H,W]: negative
/// + guidance_scale * (positive - negative) then, the negative ones first -> [N,C,H,W] float32, dense.
at::Tensor cuda_denoised(const at::Tensor& x, const at::Tensor& output, double of_x, double of_output,
                         std::optional<double> guidance_scale);

}  // namespace calotype::networks
