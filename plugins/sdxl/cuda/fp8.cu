// Rows in e4m3 (Micikevicius et al. 2022, arXiv:2209.05433), each scaled so that its largest number is the largest of e4m3.
// A warp has a row, which it reads twice, the second time from the cache.
#include <cuda_fp8.h>

#include "fp8.h"
#include "numbers.cuh"

namespace calotype::sdxl::cuda {
namespace {

constexpr int kRows = 4;  // of a block, each a warp's
constexpr float kLargest = 448;

__device__ float largest_of_warp(float x) {
#pragma unroll
  for (int other = 16; other; other /= 2) x = fmaxf(x, __shfl_xor_sync(~0u, x, other));
  return x;
}

template <class T, int n>
__global__ void __launch_bounds__(32 * kRows) rows_kernel(Fp8RowsCall call) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.y;
  if (row >= call.rows) return;
  const T* from = in<T>(call.source) + row * call.channels;
  float x[n], largest = 0;
  for (int64_t i = threadIdx.x * n; i < call.channels; i += 32 * n) {
    load<n>(from + i, x);
#pragma unroll
    for (int k = 0; k < n; ++k) largest = fmaxf(largest, fabsf(x[k]));
  }
  largest = largest_of_warp(largest);
  // a row of zeros, or of what has no inverse, keeps its numbers
  const float scale = largest > 1e-30f ? largest / kLargest : 1, by = 1 / scale;
  if (threadIdx.x == 0) call.scales[row] = scale;
  auto* to = out<__nv_fp8_storage_t>(call.result) + row * call.channels;
  for (int64_t i = threadIdx.x * n; i < call.channels; i += 32 * n) {
    load<n>(from + i, x);
    Pack<__nv_fp8_storage_t, n> pack;
#pragma unroll
    for (int k = 0; k < n; ++k) pack.numbers[k] = __nv_cvt_float_to_fp8(x[k] * by, __NV_SATFINITE, __NV_E4M3);
    *reinterpret_cast<Pack<__nv_fp8_storage_t, n>*>(to + i) = pack;
  }
}

}  // namespace

int32_t fp8_rows(const Fp8RowsCall* call, void* stream) {
  if (call->rows * call->channels == 0) return 0;
  const dim3 block(32, kRows), grid(unsigned(over(call->rows, kRows)));
  return of_format(call->format, [&](auto number) {
    using T = decltype(number);
    if (is_packed<T>(call->channels, {call->source, call->result}))
      rows_kernel<T, kPack<T>><<<grid, block, 0, cudaStream_t(stream)>>>(*call);
    else
      rows_kernel<T, 1><<<grid, block, 0, cudaStream_t(stream)>>>(*call);
  });
}

}  // namespace calotype::sdxl::cuda
