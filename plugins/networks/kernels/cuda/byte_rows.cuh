#pragma once
#include <cuda_fp8.h>

#include "networks/kernels/cuda/numbers.cuh"

// How the numbers of a row are brought to a byte each, by the largest of them.

namespace calotype::networks::cuda {

/// e4m3 (Micikevicius et al. 2022, arXiv:2209.05433), whose largest number is 448.
struct E4m3Row {
  using Byte = __nv_fp8_storage_t;
  float scale, by;

  /// A row of zeros, or of what has no inverse, keeps its numbers.
  __device__ explicit E4m3Row(float largest) : scale(largest > 1e-30f ? largest / 448 : 1), by(1 / scale) {}
  __device__ Byte operator()(float x) const { return __nv_cvt_float_to_fp8(x * by, __NV_SATFINITE, __NV_E4M3); }
};

/// Whole numbers from -127 to 127, rounded as kernels/cpu/int8_linear.h does, which counts from 128.
struct Int8Row {
  using Byte = int8_t;
  float scale, by;

  __device__ explicit Int8Row(float largest) : scale(largest / 127), by(largest > 0 ? 127 / largest : 0) {}
  __device__ Byte operator()(float x) const { return Byte(int(rintf(fmaf(x, by, 128.0f))) - 128); }
};

__device__ inline float largest_of_warp(float x) {
#pragma unroll
  for (int other = 16; other; other /= 2) x = fmaxf(x, __shfl_xor_sync(~0u, x, other));
  return x;
}

/// Over a block of whole warps, for each of its threads; none is less than 0. `room`: 32 numbers of shared memory.
__device__ inline float largest_of_block(float x, float* room) {
  const int warps = int(blockDim.x) / 32, warp = int(threadIdx.x) / 32, lane = int(threadIdx.x) % 32;
  x = largest_of_warp(x);
  __syncthreads();  // the room may still be read
  if (lane == 0) room[warp] = x;
  __syncthreads();
  return largest_of_warp(lane < warps ? room[lane] : 0.0f);
}

/// To numbers of T, in place.
template <class T, int n>
__device__ float (&round_all(float (&x)[n])) [n] {
#pragma unroll
  for (int i = 0; i < n; ++i) x[i] = to_float(rounded<T>(x[i]));
  return x;
}

template <int n>
__device__ float largest(const float (&x)[n], float so_far) {
#pragma unroll
  for (int i = 0; i < n; ++i) so_far = fmaxf(so_far, fabsf(x[i]));
  return so_far;
}

/// Side by side, in one access.
template <class Row, int n>
__device__ void store_bytes(const Row& row, const float (&x)[n], typename Row::Byte* to) {
  Pack<typename Row::Byte, n> pack;
#pragma unroll
  for (int i = 0; i < n; ++i) pack.numbers[i] = row(x[i]);
  *reinterpret_cast<Pack<typename Row::Byte, n>*>(to) = pack;
}

template <class Row>
struct RowOf {
  using Type = Row;
};
/// `body` gets a RowOf of that format.
template <class Body>
void of_bytes(ByteFormat format, Body body) {
  if (format == ByteFormat::kE4m3)
    body(RowOf<E4m3Row>());
  else
    body(RowOf<Int8Row>());
}

constexpr int kByteRows = 4;  // of a block, each a warp's

/// A warp has a row, which it reads twice, the second time from the cache.
template <class Row, class T, int n>
__global__ void __launch_bounds__(32 * kByteRows) byte_rows_kernel(ByteRowsCall call) {
  const int64_t row = int64_t(blockIdx.x) * kByteRows + threadIdx.y;
  if (row >= call.rows) return;
  const T* from = in<T>(call.source) + row * call.channels;
  float x[n], most = 0;
  for (int64_t i = threadIdx.x * n; i < call.channels; i += 32 * n) {
    load<n>(from + i, x);
    most = largest(x, most);
  }
  const Row bytes(largest_of_warp(most));
  if (threadIdx.x == 0) call.scales[row] = bytes.scale;
  auto* to = out<typename Row::Byte>(call.result) + row * call.channels;
  for (int64_t i = threadIdx.x * n; i < call.channels; i += 32 * n) {
    load<n>(from + i, x);
    store_bytes(bytes, x, to + i);
  }
}

template <class Row>
int32_t byte_rows(const ByteRowsCall& call, cudaStream_t stream) {
  if (call.rows * call.channels == 0) return 0;
  const dim3 block(32, kByteRows), grid(unsigned(over(call.rows, kByteRows)));
  return of_format(call.format, [&](auto number) {
    using T = decltype(number);
    if (is_packed<T>(call.channels, {call.source, call.result}))
      byte_rows_kernel<Row, T, kPack<T>><<<grid, block, 0, stream>>>(call);
    else
      byte_rows_kernel<Row, T, 1><<<grid, block, 0, stream>>>(call);
  });
}

}  // namespace calotype::networks::cuda
