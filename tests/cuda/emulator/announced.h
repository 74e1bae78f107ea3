#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::emulator {

/// Puts in the place of each function that launches one that first says which buffers it is about (set_buffers).
void announce(networks::cuda::Library& library);

}  // namespace calotype::emulator

namespace calotype::networks::cuda {

/// What combine_operator.cpp calls in the place of combine(), for which the build names it so.
int32_t announced_combine(const CombineCall* call, void* stream);

}  // namespace calotype::networks::cuda
