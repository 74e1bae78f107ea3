// GroupNorm (Wu and He 2018, arXiv:1803.08494) over channels_last, with what is added before it and the SiLU after it. Two
// passes over memory: sums, then the result. Between them each channel's factor and offset are made of the sums.
//
// The sums are of x - shift, the first number of a group, so that no mean is lost in float32 however far from 0 it is; they
// are added up in an order that does not change from call to call.
#include "group_norm.h"
#include "numbers.cuh"

namespace calotype::sdxl::cuda {
namespace {

constexpr int kSumThreads = 128;

/// Of `n` channels from `channel` on: added[channel] - shift of its group.
template <int n, class T>
__device__ float shift_of(const GroupNormCall& call, int64_t picture, int64_t channel) {
  const int64_t width = call.channels / call.groups, first = channel / width * width;
  float shift = to_float(in<T>(call.source)[picture * call.places * call.channels + first]);
  if (call.added) shift += to_float(in<T>(call.added)[picture * call.channels + first]);
  return shift;
}

/// sums [pictures,parts,channels]: of x - shift and of its square, over the rows of a block.
template <class T, int n>
__global__ void __launch_bounds__(kThreads) moments_kernel(GroupNormCall call, float2* sums) {
  __shared__ float2 room[kThreads * n];
  const int64_t picture = blockIdx.z, channel = pack_of_thread() * n;
  float sum[n] = {}, squares[n] = {};
  if (channel < call.channels) {
    float change[n];
    load_or_zeros<n>(in<T>(call.added), picture * call.channels + channel, change);
#pragma unroll
    for (int i = 0; i < n; ++i) change[i] -= shift_of<n, T>(call, picture, channel + i);
    const T* from = in<T>(call.source) + picture * call.places * call.channels + channel;
#pragma unroll 4
    for (int64_t row = first_row(); row < call.places; row += row_step()) {
      float x[n];
      load<n>(from + row * call.channels, x);
#pragma unroll
      for (int i = 0; i < n; ++i) {
        const float moved = x[i] + change[i];
        sum[i] += moved;
        squares[i] = fmaf(moved, moved, squares[i]);
      }
    }
  }
  const int width = int(blockDim.x) * n;
#pragma unroll
  for (int i = 0; i < n; ++i) room[threadIdx.y * width + threadIdx.x * n + i] = {sum[i], squares[i]};
  __syncthreads();
  const int64_t first = int64_t(blockIdx.y) * width;
  float2* to = sums + (picture * gridDim.x + blockIdx.x) * call.channels + first;
  for (int i = int(threadIdx.y * blockDim.x + threadIdx.x); i < width && first + i < call.channels;
       i += int(blockDim.x * blockDim.y)) {
    float2 total{};
    for (int row = 0; row < int(blockDim.y); ++row) total.x += room[row * width + i].x, total.y += room[row * width + i].y;
    to[i] = total;
  }
}

/// factor, offset [pictures,channels]: the result is x * factor + offset. A block for each group.
template <class T>
__global__ void __launch_bounds__(kSumThreads)
    factors_kernel(GroupNormCall call, const float2* sums, int parts, float* factor, float* offset) {
  __shared__ float room[32];
  const int64_t picture = blockIdx.y, width = call.channels / call.groups, first = blockIdx.x * width;
  float sum = 0, squares = 0;
  for (int64_t i = threadIdx.x; i < parts * width; i += kSumThreads) {
    const float2 part = sums[(picture * parts + i / width) * call.channels + first + i % width];
    sum += part.x, squares += part.y;
  }
  const float count = float(call.places * width);
  sum = sum_of_block(sum, room), squares = sum_of_block(squares, room);
  const float moved = sum / count, variance = fmaxf(squares / count - moved * moved, 0.0f);
  const float scale = 1 / sqrtf(variance + float(call.epsilon)), mean = moved + shift_of<1, T>(call, picture, first);
  for (int64_t i = first + threadIdx.x; i < first + width; i += kSumThreads) {
    const float by = scale * to_float(in<T>(call.weight)[i]);
    const float added = call.added ? to_float(in<T>(call.added)[picture * call.channels + i]) : 0;
    factor[picture * call.channels + i] = by;
    offset[picture * call.channels + i] = fmaf(added - mean, by, to_float(in<T>(call.bias)[i]));
  }
}

template <class T, int n>
__global__ void __launch_bounds__(kThreads) scale_kernel(GroupNormCall call, const float* factor, const float* offset) {
  const int64_t picture = blockIdx.z, channel = pack_of_thread() * n;
  if (channel >= call.channels) return;
  float by[n], plus[n];
#pragma unroll
  for (int i = 0; i < n; ++i) {
    by[i] = factor[picture * call.channels + channel + i];
    plus[i] = offset[picture * call.channels + channel + i];
  }
  const int64_t base = picture * call.places * call.channels + channel;
#pragma unroll 4
  for (int64_t row = first_row(); row < call.places; row += row_step()) {
    float x[n];
    load<n>(in<T>(call.source) + base + row * call.channels, x);
#pragma unroll
    for (int i = 0; i < n; ++i) {
      x[i] = fmaf(x[i], by[i], plus[i]);
      if (call.silu) x[i] = x[i] / (1 + expf(-x[i]));
    }
    store<n>(out<T>(call.result) + base + row * call.channels, x);
  }
}

/// For the sums: few parts, each of which is written and read once more.
Tiling sums_tiling(const GroupNormCall& call, int n) {
  return tile(call.places, call.channels / n, call.pictures, 8, 1024);
}

template <class T, int n>
void launch(const GroupNormCall& call, cudaStream_t stream) {
  const Tiling first = sums_tiling(call, n), second = tile(call.places, call.channels / n, call.pictures, 4, kMostBlocks);
  float *factor = call.workspace, *offset = factor + call.pictures * call.channels;
  auto* sums = reinterpret_cast<float2*>(offset + call.pictures * call.channels);
  moments_kernel<T, n><<<grid_of(first), block_of(first), 0, stream>>>(call, sums);
  const dim3 groups(unsigned(call.groups), unsigned(call.pictures));
  factors_kernel<T><<<groups, kSumThreads, 0, stream>>>(call, sums, int(first.parts), factor, offset);
  scale_kernel<T, n><<<grid_of(second), block_of(second), 0, stream>>>(call, factor, offset);
}

}  // namespace

int64_t group_norm_workspace(const GroupNormCall* call) {
  if (call->pictures * call->places * call->channels == 0) return 0;
  // number by number has other parts than packs have: room for either
  int64_t parts = 0;
  for (const int n : {1, 4, 8})
    if (call->channels >= n) parts = std::max<int64_t>(parts, sums_tiling(*call, n).parts);
  return 2 * call->pictures * call->channels * (1 + parts);
}

int32_t group_norm(const GroupNormCall* call, void* stream) {
  if (call->pictures * call->places * call->channels == 0) return 0;
  return of_format(call->format, [&](auto number) {
    using T = decltype(number);
    if (is_packed<T>(call->channels, {call->source, call->added, call->result}))
      launch<T, kPack<T>>(*call, cudaStream_t(stream));
    else
      launch<T, 1>(*call, cudaStream_t(stream));
  });
}

}  // namespace calotype::sdxl::cuda
