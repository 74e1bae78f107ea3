// GEGLU (Shazeer 2020, arXiv:2002.05202) whose result is bytes for the product that reads it. A block has a row, which
// it reads and computes twice, the second time from the cache: first for its largest number, then for its bytes.
#include "networks/kernels/cuda/byte_rows.cuh"
#include "networks/kernels/cuda/gated_bytes.h"

namespace calotype::networks::cuda {
namespace {

/// Rows [a,b] of a product.
template <class T>
struct Halves {
  GegluCall call;
  template <int n>
  __device__ void load_half(int64_t row, int64_t channel, int half, float (&to)[n]) const {
    float bias[n];
    load<n>(in<T>(call.source) + (2 * row + half) * call.channels + channel, to);
    load_or_zeros<n>(in<T>(call.bias), half * call.channels + channel, bias);
#pragma unroll
    for (int i = 0; i < n; ++i) to[i] += bias[i];
  }
};

/// The same of a product in int8.
template <class T>
struct Int8Halves {
  Int8EndCall call;
  template <int n>
  __device__ void load_half(int64_t row, int64_t channel, int half, float (&to)[n]) const {
    float scale[n], bias[n];
    load_long<n>(call.product + (2 * row + half) * call.channels + channel, to);
    load_long<n>(call.scales + half * call.channels + channel, scale);
    load_or_zeros<n>(in<T>(call.bias), half * call.channels + channel, bias);
    const float of_row = call.row_scales[row];
#pragma unroll
    for (int i = 0; i < n; ++i) to[i] = fmaf(to[i], of_row * scale[i], bias[i]);
  }
};

template <class T, int n, class Source>
__device__ void gated(const Source& source, int64_t row, int64_t channel, float (&a)[n]) {
  float b[n];
  source.load_half(row, channel, 0, a);
  source.load_half(row, channel, 1, b);
#pragma unroll
  for (int i = 0; i < n; ++i) a[i] *= gelu(b[i]);
  round_all<T>(a);
}

template <class Row, class T, int n, class Source>
__global__ void __launch_bounds__(kThreads) gated_kernel(Source source, ByteRows rows) {
  __shared__ float room[32];
  const int64_t row = blockIdx.x, channels = source.call.channels;
  float x[n], most = 0;
  for (int64_t i = threadIdx.x * n; i < channels; i += kThreads * n) {
    gated<T>(source, row, i, x);
    most = largest(x, most);
  }
  const Row bytes(largest_of_block(most, room));
  if (threadIdx.x == 0) rows.scales[row] = bytes.scale;
  for (int64_t i = threadIdx.x * n; i < channels; i += kThreads * n) {
    gated<T>(source, row, i, x);
    store_bytes(bytes, x, out<typename Row::Byte>(rows.bytes) + row * channels + i);
  }
}

template <class T, class Source>
void launch(const Source& source, const ByteRows& rows, bool packed, cudaStream_t stream) {
  const auto blocks = unsigned(source.call.rows);
  of_bytes(rows.format, [&](auto row) {
    using Row = typename decltype(row)::Type;
    if (packed)
      gated_kernel<Row, T, kPack<T>><<<blocks, kThreads, 0, stream>>>(source, rows);
    else
      gated_kernel<Row, T, 1><<<blocks, kThreads, 0, stream>>>(source, rows);
  });
}

}  // namespace

int32_t geglu_bytes(const GegluBytesCall* call, void* stream) {
  const GegluCall& geglu = call->geglu;
  if (geglu.rows * geglu.channels == 0) return 0;
  return of_format(geglu.format, [&](auto number) {
    using T = decltype(number);
    const bool packed = is_packed<T>(geglu.channels, {geglu.source, geglu.bias, call->rows.bytes});
    launch<T>(Halves<T>{geglu}, call->rows, packed, cudaStream_t(stream));
  });
}

int32_t int8_end_bytes(const Int8EndBytesCall* call, void* stream) {
  const Int8EndCall& end = call->end;
  if (end.rows * end.channels == 0) return 0;
  return of_format(end.format, [&](auto number) {
    using T = decltype(number);
    const bool packed = is_packed<T>(end.channels, {end.product, end.scales, end.bias, call->rows.bytes});
    launch<T>(Int8Halves<T>{end}, call->rows, packed, cudaStream_t(stream));
  });
}

}  // namespace calotype::networks::cuda
