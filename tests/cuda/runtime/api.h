#pragma once
#include <cuda_runtime_api.h>

/// A function of CUDA's runtime, which libtorch finds here.
#define API extern "C" __attribute__((visibility("default")))

namespace stand_in {

/// As the last error of the calling thread; gives it back.
cudaError_t set_error(cudaError_t error);
/// Of the calling thread.
int current_device();

}  // namespace stand_in
