#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

int32_t geglu_bytes(const GegluBytesCall* call, void* stream);
int32_t int8_end_bytes(const Int8EndBytesCall* call, void* stream);

}  // namespace calotype::networks::cuda
