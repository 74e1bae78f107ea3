#pragma once
#include "kernels/cuda/kernels.h"

namespace calotype::sdxl::cuda {

int32_t geglu(const GegluCall* call, void* stream);
int32_t residual(const ResidualCall* call, void* stream);

}  // namespace calotype::sdxl::cuda
