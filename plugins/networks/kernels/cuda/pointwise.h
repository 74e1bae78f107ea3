#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

int32_t geglu(const GegluCall* call, void* stream);
int32_t residual(const ResidualCall* call, void* stream);

}  // namespace calotype::networks::cuda
