#pragma once
#include <memory>
#include <utility>

#include "networks/ops/linear_weight.h"

namespace calotype::networks {

/// Whether the product of a weight [out,in] can be of e4m3 numbers: on a GPU of compute capability 8.9, 9.x, 10.x
/// or 12.x, for outputs and inputs that are multiples of 16, by a build that has sdxl_cuda.so.
bool can_multiply_fp8(const at::Tensor& weight);

/// A weight of which that is true, kept in e4m3 with a scale for each output, and multiplied by inputs that are brought
/// to e4m3 with a scale for each row. The product is rounded to bfloat16, in which the bias is added.
std::shared_ptr<const LinearWeight> cuda_fp8_weight(const at::Tensor& weight);

/// x [rows,channels] on a GPU -> the same in e4m3, and what its rows are to be multiplied by [rows,1] float32.
std::pair<at::Tensor, at::Tensor> cuda_fp8_rows(const at::Tensor& x);

}  // namespace calotype::networks
