#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

int32_t layer_norm(const LayerNormCall* call, void* stream);
int32_t layer_norm_bytes(const LayerNormBytesCall* call, void* stream);

}  // namespace calotype::networks::cuda
