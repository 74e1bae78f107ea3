#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

int32_t int8_rows(const ByteRowsCall* call, void* stream);
int32_t int8_end(const Int8EndCall* call, void* stream);

}  // namespace calotype::networks::cuda
