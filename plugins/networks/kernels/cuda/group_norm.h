#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

int32_t group_norm(const GroupNormCall* call, void* stream);
int64_t group_norm_workspace(const GroupNormCall* call);

}  // namespace calotype::networks::cuda
