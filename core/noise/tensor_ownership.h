#pragma once
#include <ATen/core/Tensor.h>

namespace calotype {

/// Whether no one else holds this tensor, nor another that lies in the same memory. Not for one without a tensor in it.
inline bool is_held_alone(const at::Tensor& tensor) {
  return tensor.use_count() == 1 && tensor.storage().use_count() == 1;
}

}  // namespace calotype
