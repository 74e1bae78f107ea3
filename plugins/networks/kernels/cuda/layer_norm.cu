// LayerNorm (Ba et al. 2016, arXiv:1607.06450), alone or of a sum that is written too. SDXL's rows, of 640 to 2048
// channels, stay in the registers of one warp: memory is read once and written once. Others are read again from the
// cache by a block of threads. The result is numbers, or bytes for the product that reads it, whose scales are then
// made here.
#include "networks/kernels/cuda/byte_rows.cuh"
#include "networks/kernels/cuda/layer_norm.h"

namespace calotype::networks::cuda {
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
__device__ void normalise(const LayerNormCall& call, int64_t channel, float mean, float scale, float (&x)[n]) {
  float weight[n], bias[n];
  load<n>(in<T>(call.weight) + channel, weight);
  load<n>(in<T>(call.bias) + channel, bias);
#pragma unroll
  for (int i = 0; i < n; ++i) x[i] = fmaf((x[i] - mean) * scale, weight[i], bias[i]);
}

/// The result as numbers of T.
template <class T>
struct Numbers {
  static constexpr bool kNeedsLargest = false;
};

/// The result rounded to T, then in bytes.
template <class T, class Row>
struct Bytes {
  static constexpr bool kNeedsLargest = true;
  ByteRows rows;
  __device__ Row row_of(int64_t row, float largest, bool writes) const {
    const Row bytes(largest);
    if (writes) rows.scales[row] = bytes.scale;
    return bytes;
  }
  __device__ typename Row::Byte* at(int64_t place) const { return out<typename Row::Byte>(rows.bytes) + place; }
};

/// A warp has a row: at most 32 * packs packs of n numbers.
template <class T, int n, int packs, class Result>
__global__ void __launch_bounds__(32 * kRows) warp_kernel(LayerNormCall call, Result result) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.y;
  if (row >= call.rows) return;
  float x[packs][n], sum = 0, squares = 0, most = 0;
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
    if (channel >= call.channels) continue;
    normalise<T>(call, channel, mean, scale, x[p]);
    if constexpr (Result::kNeedsLargest)
      most = largest(round_all<T>(x[p]), most);
    else
      store<n>(out<T>(call.result) + row * call.channels + channel, x[p]);
  }
  if constexpr (Result::kNeedsLargest) {
    const auto bytes = result.row_of(row, largest_of_warp(most), threadIdx.x == 0);
#pragma unroll
    for (int p = 0; p < packs; ++p) {
      const int64_t channel = (int64_t(p) * 32 + threadIdx.x) * n;
      if (channel < call.channels) store_bytes(bytes, x[p], result.at(row * call.channels + channel));
    }
  }
}

/// A block has a row of any length. What a thread wrote of the sum it reads again itself.
template <class T, class Result>
__global__ void __launch_bounds__(kThreads) block_kernel(LayerNormCall call, Result result) {
  __shared__ float room[32];
  const int64_t row = blockIdx.x, base = row * call.channels;
  const T* from = in<T>(call.onto ? call.sum : call.source) + base;
  float sum = 0, squares = 0, most = 0;
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
    normalise<T>(call, i, mean, scale, x);
    if constexpr (Result::kNeedsLargest)
      most = largest(round_all<T>(x), most);
    else
      store<1>(out<T>(call.result) + base + i, x);
  }
  if constexpr (Result::kNeedsLargest) {
    const auto bytes = result.row_of(row, largest_of_block(most, room), threadIdx.x == 0);
    for (int64_t i = threadIdx.x; i < call.channels; i += kThreads) {
      float x[1] = {to_float(from[i])};
      normalise<T>(call, i, mean, scale, x);
      store_bytes(bytes, round_all<T>(x), result.at(base + i));
    }
  }
}

template <class T, class Result>
void launch(const LayerNormCall& call, const Result& result, const void* written, cudaStream_t stream) {
  constexpr int n = kPack<T>, kFew = 32 / n, kMany = 64 / n;  // 32 or 64 numbers of a row in each thread
  const bool packed = is_packed<T>(call.channels, {call.source, call.onto, call.weight, call.bias, call.sum, written});
  const dim3 block(32, kRows), grid(unsigned(over(call.rows, kRows)));
  if (packed && call.channels <= 32 * 32)
    warp_kernel<T, n, kFew><<<grid, block, 0, stream>>>(call, result);
  else if (packed && call.channels <= 32 * 64)
    warp_kernel<T, n, kMany><<<grid, block, 0, stream>>>(call, result);
  else
    block_kernel<T><<<unsigned(call.rows), kThreads, 0, stream>>>(call, result);
}

}  // namespace

int32_t layer_norm(const LayerNormCall* call, void* stream) {
  if (call->rows * call->channels == 0) return 0;
  return of_format(call->format, [&](auto number) {
    launch<decltype(number)>(*call, Numbers<decltype(number)>(), call->result, cudaStream_t(stream));
  });
}

int32_t layer_norm_bytes(const LayerNormBytesCall* call, void* stream) {
  if (call->norm.rows * call->norm.channels == 0) return 0;
  return of_format(call->norm.format, [&](auto number) {
    using T = decltype(number);
    of_bytes(call->rows.format, [&](auto row) {
      launch<T>(call->norm, Bytes<T, typename decltype(row)::Type>{call->rows}, call->rows.bytes, cudaStream_t(stream));
    });
  });
}

}  // namespace calotype::networks::cuda
