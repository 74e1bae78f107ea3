// What is done to each number alone after a product: GEGLU (Shazeer 2020, arXiv:2002.05202) with its bias, and a bias
// with what the product is added to. One pass over memory; a thread keeps its part of the bias over all its rows.
#include "networks/kernels/cuda/numbers.cuh"
#include "networks/kernels/cuda/pointwise.h"

namespace calotype::networks::cuda {
namespace {

template <class T, int n>
__global__ void __launch_bounds__(kThreads) geglu_kernel(GegluCall call) {
  const int64_t channel = pack_of_thread() * n;
  if (channel >= call.channels) return;
  float bias_a[n], bias_b[n];
  load_or_zeros<n>(in<T>(call.bias), channel, bias_a);
  load_or_zeros<n>(in<T>(call.bias), call.channels + channel, bias_b);
#pragma unroll 2
  for (int64_t row = first_row(); row < call.rows; row += row_step()) {
    const T* from = in<T>(call.source) + 2 * row * call.channels + channel;
    float a[n], b[n];
    load<n>(from, a);
    load<n>(from + call.channels, b);
#pragma unroll
    for (int i = 0; i < n; ++i) a[i] = (a[i] + bias_a[i]) * gelu(b[i] + bias_b[i]);
    store<n>(out<T>(call.result) + row * call.channels + channel, a);
  }
}

template <class T, int n>
__global__ void __launch_bounds__(kThreads) residual_kernel(ResidualCall call) {
  const int64_t channel = pack_of_thread() * n;
  if (channel >= call.channels) return;
  float bias[n];
  load_or_zeros<n>(in<T>(call.bias), channel, bias);
#pragma unroll 2
  for (int64_t row = first_row(); row < call.rows; row += row_step()) {
    const int64_t place = row * call.channels + channel;
    float x[n], onto[n];
    load<n>(in<T>(call.source) + place, x);
    load<n>(in<T>(call.onto) + place, onto);
#pragma unroll
    for (int i = 0; i < n; ++i) x[i] += bias[i] + onto[i];
    store<n>(out<T>(call.result) + place, x);
  }
}

/// Enough rows of a thread to make up for reading the bias.
template <class Call>
Tiling tiling(const Call& call, int n) {
  return tile(call.rows, call.channels / n, 1, 4, kMostBlocks);
}

}  // namespace

int32_t geglu(const GegluCall* call, void* stream) {
  if (call->rows * call->channels == 0) return 0;
  return of_format(call->format, [&](auto number) {
    using T = decltype(number);
    const bool packed = is_packed<T>(call->channels, {call->source, call->bias, call->result});
    const Tiling t = tiling(*call, packed ? kPack<T> : 1);
    if (packed)
      geglu_kernel<T, kPack<T>><<<grid_of(t), block_of(t), 0, cudaStream_t(stream)>>>(*call);
    else
      geglu_kernel<T, 1><<<grid_of(t), block_of(t), 0, cudaStream_t(stream)>>>(*call);
  });
}

int32_t residual(const ResidualCall* call, void* stream) {
  if (call->rows * call->channels == 0) return 0;
  return of_format(call->format, [&](auto number) {
    using T = decltype(number);
    const bool packed = is_packed<T>(call->channels, {call->source, call->onto, call->bias, call->result});
    const Tiling t = tiling(*call, packed ? kPack<T> : 1);
    if (packed)
      residual_kernel<T, kPack<T>><<<grid_of(t), block_of(t), 0, cudaStream_t(stream)>>>(*call);
    else
      residual_kernel<T, 1><<<grid_of(t), block_of(t), 0, cudaStream_t(stream)>>>(*call);
  });
}

}  // namespace calotype::networks::cuda
