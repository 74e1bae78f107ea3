#pragma once
#include "kernels/cuda/kernels.h"

namespace calotype::sdxl::cuda {

int32_t group_norm(const GroupNormCall* call, void* stream);
int64_t group_norm_workspace(const GroupNormCall* call);

}  // namespace calotype::sdxl::cuda
