// Before CUDA's own: kernels as C++ for the host, whose threads are fibers (../block.h). translate.py has rewritten
// launches and shared memory.
#pragma once
#include <cuda_runtime_api.h>
#include <vector_types.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "../block.h"
#include "../launch.h"

// CUDA's headers give these as attributes that g++ does not know
#undef __global__
#undef __device__
#undef __host__
#undef __launch_bounds__
#define __global__
#define __device__
#define __host__
#define __launch_bounds__(...)

#define threadIdx (::calotype::emulator::place.thread)
#define blockIdx (::calotype::emulator::place.block)
#define blockDim (::calotype::emulator::place.block_size)
#define gridDim (::calotype::emulator::place.grid_size)

#define __syncthreads() ::calotype::emulator::barrier(__FILE__, __LINE__)
#define __shfl_xor_sync(mask, value, other) ::calotype::emulator::shuffle_xor(mask, value, other, __FILE__, __LINE__)

namespace calotype::emulator {

inline float shuffle_xor(uint32_t mask, float value, int other, const char* file, int line) {
  return std::bit_cast<float>(shuffle_xor(mask, std::bit_cast<uint32_t>(value), other, file, line));
}

/// Of type `Array`; the same for all threads of a block.
template <class Array>
Array& shared(int line) {
  return *static_cast<Array*>(shared_memory(line, sizeof(Array)));
}

}  // namespace calotype::emulator
