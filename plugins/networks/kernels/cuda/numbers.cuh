#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include "networks/kernels/cuda/kernels.h"
#include "networks/kernels/cuda/tiling.h"

// What the kernels share: numbers of a format, 16 bytes of them at a time, where a thread of a tiling is, and what
// several of them compute.

namespace calotype::networks::cuda {

__device__ inline float to_float(float x) {
  return x;
}
__device__ inline float to_float(__half x) {
  return __half2float(x);
}
__device__ inline float to_float(__nv_bfloat16 x) {
  return __bfloat162float(x);
}
__device__ inline float to_float(int32_t x) {
  return float(x);
}

template <class T>
__device__ T rounded(float x) {
  if constexpr (sizeof(T) == 4)
    return x;
  else if constexpr (std::is_same_v<T, __half>)
    return __float2half_rn(x);
  else
    return __float2bfloat16_rn(x);
}

/// `n` numbers side by side, moved in one access.
template <class T, int n>
struct alignas(sizeof(T) * n) Pack {
  T numbers[n];
};

template <int n, class T>
__device__ void load(const T* from, float (&to)[n]) {
  const auto pack = *reinterpret_cast<const Pack<T, n>*>(from);
#pragma unroll
  for (int i = 0; i < n; ++i) to[i] = to_float(pack.numbers[i]);
}

/// Zeros for null.
template <int n, class T>
__device__ void load_or_zeros(const T* base, int64_t place, float (&to)[n]) {
  if (base) return load(base + place, to);
#pragma unroll
  for (int i = 0; i < n; ++i) to[i] = 0;
}

/// Numbers of 4 bytes, of which more than 4 are more than one access.
template <int n, class T>
__device__ void load_long(const T* from, float (&to)[n]) {
  constexpr int part = n < 4 ? n : 4;
#pragma unroll
  for (int first = 0; first < n; first += part) {
    const auto pack = *reinterpret_cast<const Pack<T, part>*>(from + first);
#pragma unroll
    for (int i = 0; i < part; ++i) to[first + i] = to_float(pack.numbers[i]);
  }
}

template <int n, class T>
__device__ void store(T* to, const float (&from)[n]) {
  Pack<T, n> pack;
#pragma unroll
  for (int i = 0; i < n; ++i) pack.numbers[i] = rounded<T>(from[i]);
  *reinterpret_cast<Pack<T, n>*>(to) = pack;
}

template <class T>
constexpr int kPack = 16 / sizeof(T);

/// Whether all that is there can be read in packs of 16 bytes.
template <class T>
bool is_packed(int64_t channels, std::initializer_list<const void*> all) {
  return channels % kPack<T> == 0 &&
         std::all_of(all.begin(), all.end(), [](const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; });
}

inline dim3 block_of(const Tiling& t) {
  return {t.wide, t.tall};
}
inline dim3 grid_of(const Tiling& t) {
  return {t.parts, t.tiles, t.images};
}
__device__ inline int64_t pack_of_thread() {
  return int64_t(blockIdx.y) * blockDim.x + threadIdx.x;
}
__device__ inline int64_t first_row() {
  return int64_t(blockIdx.x) * blockDim.y + threadIdx.y;
}
__device__ inline int64_t row_step() {
  return int64_t(gridDim.x) * blockDim.y;
}

/// The exact one.
__device__ inline float gelu(float x) {
  return 0.5f * x * (1 + erff(x * 0.70710678118654752f));
}

__device__ inline float sum_of_warp(float x) {
#pragma unroll
  for (int other = 16; other; other /= 2) x += __shfl_xor_sync(~0u, x, other);
  return x;
}

/// The sum over a block of whole warps, for each of its threads; in an order that is always the same. `room`: 32
/// numbers of shared memory.
__device__ inline float sum_of_block(float x, float* room) {
  const int warps = int(blockDim.x) / 32, warp = int(threadIdx.x) / 32, lane = int(threadIdx.x) % 32;
  x = sum_of_warp(x);
  __syncthreads();  // the room may still be read
  if (lane == 0) room[warp] = x;
  __syncthreads();
  return sum_of_warp(lane < warps ? room[lane] : 0.0f);
}

/// `body` gets a number of that format.
template <class Body>
cudaError_t of_format(NumberFormat format, Body body) {
  if (format == NumberFormat::kFloat32)
    body(float{});
  else if (format == NumberFormat::kFloat16)
    body(__half{});
  else
    body(__nv_bfloat16{});
  return cudaGetLastError();
}

template <class T>
__host__ __device__ const T* in(const void* p) {
  return static_cast<const T*>(p);
}
template <class T>
__host__ __device__ T* out(void* p) {
  return static_cast<T*>(p);
}

}  // namespace calotype::networks::cuda
