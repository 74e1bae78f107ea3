#pragma once
#include <ATen/core/Tensor.h>

namespace calotype {

/// Whether nobody else holds this tensor or another one in the same memory. The tensor must be defined.
inline bool is_held_alone(const at::Tensor& tensor) {
  return tensor.use_count() == 1 && tensor.storage().use_count() == 1;
}

}  // namespace calotype
