#pragma once
#include <calotype/tensor.h>

namespace calotype::networks {

/// Rows of numbers in 8 bits, see kernels/cpu/int8_linear.h.
struct Int8RowTensors {
  at::Tensor bytes, scales;  ///< uint8 [rows,bytes of one], float32 [rows]
};

/// The rows [..., width] of a contiguous tensor of float32 or bfloat16.
Int8RowTensors int8_rows(const at::Tensor& x, int64_t width);

}  // namespace calotype::networks
