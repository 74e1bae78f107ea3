#pragma once
#include <memory>

#include "networks/ops/linear_weight.h"

namespace calotype::networks {

/// Whether the product of a weight [out,in] can be of int8 numbers: on a GPU, for outputs and inputs that are multiples
/// of 8, by a build that has sdxl_cuda.so.
bool can_multiply_int8(const at::Tensor& weight);

/// A weight of which that is true in int8 with a scale for each output, multiplied by inputs that are brought to int8
/// with a scale for each row, as cpu_int8_weight does. After cuBLAS' product one pass over memory does all else:
/// scales, bias, `gated` as in linear_weight_choice.h, and what is added.
std::shared_ptr<const LinearWeight> cuda_int8_weight(const at::Tensor& weight, bool gated);

/// Rows [rows,channels] in int8, and what they are to be multiplied by [rows] float32.
struct CudaInt8Rows {
  at::Tensor bytes, scales;
};
CudaInt8Rows cuda_int8_rows(const at::Tensor& x);

}  // namespace calotype::networks
