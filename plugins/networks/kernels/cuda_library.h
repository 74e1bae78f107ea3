#pragma once
#include <string>

#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks {

/// Whether this build has sdxl_cuda.so. Where it has not, ATen's operators do all the work on CUDA.
bool is_cuda_library_built();

/// sdxl_cuda.so, opened by the first call, for which libtorch_cuda must be there. Throws Error (unavailable;
/// out_of_memory) where it cannot be opened; never returns where is_cuda_library_built() is false.
const cuda::Library& cuda_library();

/// The library in that file. Throws Error (unavailable): `FILE: ...`. It stays open.
const cuda::Library& open_cuda_library(const std::string& file);

}  // namespace calotype::networks
