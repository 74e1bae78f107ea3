#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

// As kernels.h says of Library.
int32_t pinned_new(size_t bytes, void** memory);
void pinned_delete(void* memory);

}  // namespace calotype::networks::cuda
