// The host's memory that a GPU reads by itself, of exactly the size that is asked for: libtorch's allocator of it
// rounds up to a power of two.
#include "networks/kernels/cuda/pinned.h"

#include <cuda_runtime_api.h>

namespace calotype::networks::cuda {

int32_t pinned_new(size_t bytes, void** memory) {
  *memory = nullptr;
  const cudaError_t error = cudaHostAlloc(memory, bytes, cudaHostAllocDefault);
  if (error != cudaSuccess) (void)cudaGetLastError();  // it was said here: nobody is to find it after another call
  return int32_t(error);
}

void pinned_delete(void* memory) {
  // nobody could do anything about a failure
  if (cudaFreeHost(memory) != cudaSuccess) (void)cudaGetLastError();
}

}  // namespace calotype::networks::cuda
