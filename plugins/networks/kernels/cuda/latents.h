#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

int32_t combine(const CombineCall* call, void* stream);
int32_t scaled(const ScaledCall* call, void* stream);
int32_t denoised(const DenoisedCall* call, void* stream);

}  // namespace calotype::networks::cuda
