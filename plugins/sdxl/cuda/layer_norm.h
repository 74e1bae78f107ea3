#pragma once
#include "kernels.h"

namespace calotype::sdxl::cuda {

int32_t layer_norm(const LayerNormCall* call, void* stream);

}  // namespace calotype::sdxl::cuda
