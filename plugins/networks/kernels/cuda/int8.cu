// A linear layer in int8 around cuBLAS' product: its rows before, and all that follows it in one pass over memory.
#include "networks/kernels/cuda/byte_rows.cuh"
#include "networks/kernels/cuda/int8.h"

namespace calotype::networks::cuda {
namespace {

/// A thread keeps its outputs' scales and bias over all its rows. Of a gated layer it has an output of either half.
template <class T, int n, int halves>
__global__ void __launch_bounds__(kThreads) end_kernel(Int8EndCall call) {
  const int64_t channel = pack_of_thread() * n;
  if (channel >= call.channels) return;
  float scale[halves][n], bias[halves][n];
#pragma unroll
  for (int half = 0; half < halves; ++half) {
    load_long<n>(call.scales + half * call.channels + channel, scale[half]);
    load_or_zeros<n>(in<T>(call.bias), half * call.channels + channel, bias[half]);
  }
  for (int64_t row = first_row(); row < call.rows; row += row_step()) {
    const float of_row = call.row_scales[row];
    float y[halves][n];
#pragma unroll
    for (int half = 0; half < halves; ++half) {
      load_long<n>(call.product + (halves * row + half) * call.channels + channel, y[half]);
#pragma unroll
      for (int i = 0; i < n; ++i) y[half][i] = fmaf(y[half][i], of_row * scale[half][i], bias[half][i]);
    }
    if constexpr (halves == 2) {
#pragma unroll
      for (int i = 0; i < n; ++i) y[0][i] *= gelu(y[1][i]);
    }
    if (call.onto) {
      float onto[n];
      load<n>(in<T>(call.onto) + row * call.channels + channel, onto);
#pragma unroll
      for (int i = 0; i < n; ++i) y[0][i] += onto[i];
    }
    store<n>(out<T>(call.result) + row * call.channels + channel, y[0]);
  }
}

template <class T, int n>
void launch_end(const Int8EndCall& call, cudaStream_t stream) {
  const Tiling t =
      tile(call.rows, call.channels / n, 1, 4, kMostBlocks);  // enough rows of a thread to make up for the scales
  if (call.is_gated)
    end_kernel<T, n, 2><<<grid_of(t), block_of(t), 0, stream>>>(call);
  else
    end_kernel<T, n, 1><<<grid_of(t), block_of(t), 0, stream>>>(call);
}

}  // namespace

int32_t int8_rows(const ByteRowsCall* call, void* stream) {
  return byte_rows<Int8Row>(*call, cudaStream_t(stream));
}

int32_t int8_end(const Int8EndCall* call, void* stream) {
  if (call->rows * call->channels == 0) return 0;
  return of_format(call->format, [&](auto number) {
    using T = decltype(number);
    if (is_packed<T>(call->channels, {call->product, call->scales, call->bias, call->onto, call->result}))
      launch_end<T, kPack<T>>(*call, cudaStream_t(stream));
    else
      launch_end<T, 1>(*call, cudaStream_t(stream));
  });
}

}  // namespace calotype::networks::cuda
