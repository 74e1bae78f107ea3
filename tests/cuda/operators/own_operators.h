#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

namespace stand_in {

// Operators that CUDA alone has, or that do more there than compute.

at::Tensor& copy(at::Tensor& self, const at::Tensor& source, bool non_blocking);

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef padding, at::IntArrayRef stride,
                       at::IntArrayRef dilation, int64_t groups, bool benchmark, bool deterministic, bool allow_tf32);

using CudnnAttention = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, c10::SymInt, c10::SymInt, at::Tensor,
                                  at::Tensor, at::Tensor>;
CudnnAttention cudnn_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                               const std::optional<at::Tensor>& bias, bool log_sum, double dropout, bool causal,
                               bool mask, std::optional<double> scale);
CudnnAttention flash_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double dropout,
                               bool causal, bool mask, std::optional<double> scale);
std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> efficient_attention(
    const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::optional<at::Tensor>& bias, bool log_sum,
    double dropout, bool causal, std::optional<double> scale);

at::Tensor scaled_product(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale_a,
                          const at::Tensor& scale_b, const std::optional<at::Tensor>& bias,
                          const std::optional<at::Tensor>& scale_result, std::optional<at::ScalarType> type, bool fast);

}  // namespace stand_in
