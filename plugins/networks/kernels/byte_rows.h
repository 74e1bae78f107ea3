#pragma once
#include <calotype/tensor.h>

namespace calotype::networks {

/// A layer's input in a byte for each number, int8 or e4m3, as a kernel on a GPU has made it (kernels/cuda/kernels.h).
struct ByteRows {
  at::Tensor bytes;     ///< [...,in]
  at::Tensor scales;    ///< [rows], float32: what each row is to be multiplied by
  at::ScalarType type;  ///< of the numbers that they stand for
};

}  // namespace calotype::networks
