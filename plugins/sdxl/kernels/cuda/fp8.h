#pragma once
#include "kernels/cuda/kernels.h"

namespace calotype::sdxl::cuda {

int32_t fp8_rows(const ByteRowsCall* call, void* stream);

}  // namespace calotype::sdxl::cuda
