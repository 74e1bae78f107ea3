#pragma once
#include "kernels.h"

namespace calotype::sdxl::cuda {

int32_t fp8_rows(const Fp8RowsCall* call, void* stream);

}  // namespace calotype::sdxl::cuda
