// LayerNorm (Ba et al. 2016, arXiv:1607.06450), alone or of a sum that is written too. SDXL's rows, of 640 to 2048 channels,
// stay in the registers of one warp: memory is read once and written once. Others are read again from the cache by a block
// of threads.
#include "layer_norm.h"
#include "numbers.cuh"

namespace calotype::sdxl::cuda {
namespace {

constexpr int kRows = 4;  // of a block, each a warp's

template <class T, int n>
__device__ void load_sum(const LayerNormCall& call, int64_t place, float (&x)[n]) {
  load<n>(in<T>(call.source) + place, x);
  if (!call.onto) return;
  float onto[n];
  load<n>(in<T>(call.onto) + place, onto);
#pragma unroll
  for (int i = 0; i < n; ++i) x[i] = to_float(rounded<T>(x[i] + onto[i]));
  store<n>(out<T>(call.sum) + place, x);
}

template <class T, int n>
__device__ void store_normal(const LayerNormCall& call, int64_t row, int64_t channel, float mean, float scale,
                             float (&x)[n]) {
  float weight[n], bias[n];
  load<n>(in<T>(call.weight) + channel, weight);
  load<n>(in<T>(call.bias) + channel, bias);
#pragma unroll
  for (int i = 0; i < n; ++i) x[i] = fmaf((x[i] - mean) * scale, weight[i], bias[i]);
  store<n>(out<T>(call.result) + row * call.channels + channel, x);
}

/// A warp has a row: at most 32 * packs packs of n numbers.
template <class T, int n, int packs>
__global__ void __launch_bounds__(32 * kRows) warp_kernel(LayerNormCall call) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.y;
  if (row >= call.rows) return;
  float x[packs][n], sum = 0, squares = 0;
#pragma unroll
  for (int p = 0; p < packs; ++p) {
    const int64_t channel = (int64_t(p) * 32 + threadIdx.x) * n;
    if (channel >= call.channels) continue;
    load_sum<T, n>(call, row * call.channels + channel, x[p]);
#pragma unroll
    for (int i = 0; i < n; ++i) sum += x[p][i];
  }
  const float mean = sum_of_warp(sum) / float(call.channels);
#pragma unroll
  for (int p = 0; p < packs; ++p) {
    if ((int64_t(p) * 32 + threadIdx.x) * n >= call.channels) continue;
#pragma unroll
    for (int i = 0; i < n; ++i) squares = fmaf(x[p][i] - mean, x[p][i] - mean, squares);
  }
  const float scale = 1 / sqrtf(sum_of_warp(squares) / float(call.channels) + float(call.epsilon));
#pragma unroll
  for (int p = 0; p < packs; ++p) {
    const int64_t channel = (int64_t(p) * 32 + threadIdx.x) * n;
    if (channel < call.channels) store_normal<T, n>(call, row, channel, mean, scale, x[p]);
  }
}

/// A block has a row of any length. What a thread wrote of the sum it reads again itself.
template <class T>
__global__ void __launch_bounds__(kThreads) block_kernel(LayerNormCall call) {
  __shared__ float room[32];
  const int64_t row = blockIdx.x, base = row * call.channels;
  const T* from = in<T>(call.onto ? call.sum : call.source) + base;
  float sum = 0, squares = 0;
  for (int64_t i = threadIdx.x; i < call.channels; i += kThreads) {
    float x[1];
    load_sum<T, 1>(call, base + i, x);
    sum += x[0];
  }
  const float mean = sum_of_block(sum, room) / float(call.channels);
  for (int64_t i = threadIdx.x; i < call.channels; i += kThreads) {
    const float x = to_float(from[i]) - mean;
    squares = fmaf(x, x, squares);
  }
  const float scale = 1 / sqrtf(sum_of_block(squares, room) / float(call.channels) + float(call.epsilon));
  for (int64_t i = threadIdx.x; i < call.channels; i += kThreads) {
    float x[1] = {to_float(from[i])};
    store_normal<T, 1>(call, row, i, mean, scale, x);
  }
}

template <class T>
void launch(const LayerNormCall& call, cudaStream_t stream) {
  constexpr int n = kPack<T>, kFew = 32 / n, kMany = 64 / n;  // 32 or 64 numbers of a row in each thread
  const bool packed = is_packed<T>(call.channels, {call.source, call.onto, call.weight, call.bias, call.sum, call.result});
  const dim3 block(32, kRows), grid(unsigned(over(call.rows, kRows)));
  if (packed && call.channels <= 32 * 32)
    warp_kernel<T, n, kFew><<<grid, block, 0, stream>>>(call);
  else if (packed && call.channels <= 32 * 64)
    warp_kernel<T, n, kMany><<<grid, block, 0, stream>>>(call);
  else
    block_kernel<T><<<unsigned(call.rows), kThreads, 0, stream>>>(call);
}

}  // namespace

int32_t layer_norm(const LayerNormCall* call, void* stream) {
  if (call->rows * call->channels == 0) return 0;
  return of_format(call->format, [&](auto number) { launch<decltype(number)>(*call, cudaStream_t(stream)); });
}

}  // namespace calotype::sdxl::cuda
