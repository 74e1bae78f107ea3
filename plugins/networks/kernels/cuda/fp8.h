#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

int32_t fp8_rows(const ByteRowsCall* call, void* stream);

}  // namespace calotype::networks::cuda
