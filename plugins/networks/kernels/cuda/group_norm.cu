// GroupNorm (Wu and He 2018, arXiv:1803.08494) over channels_last, with what is added before it and the SiLU after it.
// Two passes over memory: moments, then the result. Between them each channel's factor and offset are made of the
// moments.
//
// A thread sums x - shift, the first number of its own, and their squares: few numbers, of which neither a mean far
// from 0 nor an outlier costs digits. Threads, blocks and channels are then joined by their means and the squares about
// these (Chan, Golub and LeVeque 1983, The American Statistician 37(3)), in an order that does not change from call to
// call.
#include "networks/kernels/cuda/group_norm.h"
#include "networks/kernels/cuda/numbers.cuh"

namespace calotype::networks::cuda {
namespace {

constexpr int kSumThreads = 128;

/// Mean, and sum of the squares of what the numbers are off it.
using Moments = float2;

/// How a tiling deals out the rows of an image: one to each row of threads of each block, and again from the first.
struct Dealt {
  int64_t rounds, rest;  ///< all get so many, and the first `rest` one more
  int tall, parts;       ///< rows of threads of a block, blocks

  __device__ float of_threads(int part, int row) const { return float(rounds + (int64_t(part) * tall + row < rest)); }
  __device__ float of_block(int part) const {
    const int64_t more = rest - int64_t(part) * tall;
    return float(rounds * tall + (more < 0 ? 0 : more < tall ? more : tall));
  }
};

Dealt deal(int64_t rows, const Tiling& t) {
  const int64_t round = int64_t(t.tall) * t.parts;
  return {rows / round, rows % round, int(t.tall), int(t.parts)};
}

/// Of n channels from `from` on, over the rows of this thread; zeros where it has none.
template <class T, int n>
__device__ void moments_of_thread(const GroupNormCall& call, const Dealt& dealt, const T* from, Moments (&moments)[n]) {
  float shift[n] = {}, sum[n] = {}, squares[n] = {};
  const int64_t first = first_row(), step = row_step();
  if (first < call.places) load<n>(from + first * call.channels, shift);
#pragma unroll 4
  for (int64_t row = first + step; row < call.places; row += step) {
    float x[n];
    load<n>(from + row * call.channels, x);
#pragma unroll
    for (int i = 0; i < n; ++i) {
      const float moved = x[i] - shift[i];
      sum[i] += moved;
      squares[i] = fmaf(moved, moved, squares[i]);
    }
  }
  const float count = dealt.of_threads(int(blockIdx.x), int(threadIdx.y));
#pragma unroll
  for (int i = 0; i < n; ++i) {
    const float moved = count > 0 ? sum[i] / count : 0;
    moments[i] = {shift[i] + moved, fmaxf(fmaf(-sum[i], moved, squares[i]), 0.0f)};
  }
}

/// Of one channel, over the rows of a block, from `moments` of each row of threads, `step` apart.
__device__ Moments moments_of_block(const Dealt& dealt, const Moments* moments, int step) {
  const int part = int(blockIdx.x);
  const float base = moments[0].x;  // a block's first threads have a row
  float off = 0, squares = 0;
  for (int row = 0; row < dealt.tall; ++row) off = fmaf(dealt.of_threads(part, row), moments[row * step].x - base, off);
  const float mean = base + off / dealt.of_block(part);
  for (int row = 0; row < dealt.tall; ++row) {
    const float away = moments[row * step].x - mean;
    squares += fmaf(dealt.of_threads(part, row) * away, away, moments[row * step].y);
  }
  return {mean, squares};
}

/// all [images,parts,channels]: of x, over the rows of a block.
template <class T, int n>
__global__ void __launch_bounds__(kThreads) moments_kernel(GroupNormCall call, Dealt dealt, Moments* all) {
  __shared__ Moments room[kThreads * n];
  const int64_t image = blockIdx.z, channel = pack_of_thread() * n;
  const int width = int(blockDim.x) * n;
  if (channel < call.channels) {
    Moments mine[n];
    moments_of_thread<T, n>(call, dealt, in<T>(call.source) + image * call.places * call.channels + channel, mine);
#pragma unroll
    for (int i = 0; i < n; ++i) room[threadIdx.y * width + threadIdx.x * n + i] = mine[i];
  }
  __syncthreads();
  const int64_t first = int64_t(blockIdx.y) * width;
  Moments* to = all + (image * gridDim.x + blockIdx.x) * call.channels + first;
  for (int i = int(threadIdx.y * blockDim.x + threadIdx.x); i < width && first + i < call.channels;
       i += int(blockDim.x * blockDim.y))
    to[i] = moments_of_block(dealt, room + i, width);
}

/// Added to each position of a channel before, and so to its mean.
template <class T>
__device__ float added_to(const GroupNormCall& call, int64_t image, int64_t channel) {
  return call.added ? to_float(in<T>(call.added)[image * call.channels + channel]) : 0;
}

/// Of a group of channels from `first` on, to all threads of the block.
template <class T>
__device__ Moments moments_of_group(const GroupNormCall& call, const Dealt& dealt, const Moments* all, int64_t image,
                                    int64_t first, float* room) {
  const int64_t width = call.channels / call.groups, items = dealt.parts * width;
  const Moments* from = all + image * dealt.parts * call.channels + first;
  const float base = from[0].x + added_to<T>(call, image, first), count = float(call.places * width);
  float off = 0, squares = 0;
  for (int64_t i = threadIdx.x; i < items; i += kSumThreads) {
    const float mean = from[i / width * call.channels + i % width].x + added_to<T>(call, image, first + i % width);
    off = fmaf(dealt.of_block(int(i / width)), mean - base, off);
  }
  const float mean = base + sum_of_block(off, room) / count;
  for (int64_t i = threadIdx.x; i < items; i += kSumThreads) {
    const Moments one = from[i / width * call.channels + i % width];
    const float away = one.x + added_to<T>(call, image, first + i % width) - mean;
    squares += fmaf(dealt.of_block(int(i / width)) * away, away, one.y);
  }
  return {mean, sum_of_block(squares, room)};
}

/// factor, offset [images,channels]: the result is x * factor + offset. A block for each group.
template <class T>
__global__ void __launch_bounds__(kSumThreads)
    factors_kernel(GroupNormCall call, Dealt dealt, const Moments* all, float* factor, float* offset) {
  __shared__ float room[32];
  const int64_t image = blockIdx.y, width = call.channels / call.groups, first = blockIdx.x * width;
  const Moments group = moments_of_group<T>(call, dealt, all, image, first, room);
  const float scale = 1 / sqrtf(group.y / float(call.places * width) + float(call.epsilon));
  for (int64_t i = first + threadIdx.x; i < first + width; i += kSumThreads) {
    const float by = scale * to_float(in<T>(call.weight)[i]);
    factor[image * call.channels + i] = by;
    offset[image * call.channels + i] = fmaf(added_to<T>(call, image, i) - group.x, by, to_float(in<T>(call.bias)[i]));
  }
}

template <class T, int n>
__global__ void __launch_bounds__(kThreads) scale_kernel(GroupNormCall call, const float* factor, const float* offset) {
  const int64_t image = blockIdx.z, channel = pack_of_thread() * n;
  if (channel >= call.channels) return;
  float by[n], plus[n];
#pragma unroll
  for (int i = 0; i < n; ++i) {
    by[i] = factor[image * call.channels + channel + i];
    plus[i] = offset[image * call.channels + channel + i];
  }
  const int64_t base = image * call.places * call.channels + channel;
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

/// For the moments: few parts, each of which is written and read once more.
Tiling moments_tiling(const GroupNormCall& call, int n) {
  return tile(call.places, call.channels / n, call.images, 8, 1024);
}

template <class T, int n>
void launch(const GroupNormCall& call, cudaStream_t stream) {
  const Tiling first = moments_tiling(call, n),
               second = tile(call.places, call.channels / n, call.images, 4, kMostBlocks);
  float *factor = call.workspace, *offset = factor + call.images * call.channels;
  auto* moments = reinterpret_cast<Moments*>(offset + call.images * call.channels);
  const Dealt dealt = deal(call.places, first);
  moments_kernel<T, n><<<grid_of(first), block_of(first), 0, stream>>>(call, dealt, moments);
  const dim3 groups(unsigned(call.groups), unsigned(call.images));
  factors_kernel<T><<<groups, kSumThreads, 0, stream>>>(call, dealt, moments, factor, offset);
  scale_kernel<T, n><<<grid_of(second), block_of(second), 0, stream>>>(call, factor, offset);
}

}  // namespace

int64_t group_norm_workspace(const GroupNormCall* call) {
  if (call->images * call->places * call->channels == 0) return 0;
  // number by number has other parts than packs have: room for either
  int64_t parts = 0;
  for (const int n : {1, 4, 8})
    if (call->channels >= n) parts = std::max<int64_t>(parts, moments_tiling(*call, n).parts);
  return 2 * call->images * call->channels * (1 + parts);
}

int32_t group_norm(const GroupNormCall* call, void* stream) {
  if (call->images * call->places * call->channels == 0) return 0;
  return of_format(call->format, [&](auto number) {
    using T = decltype(number);
    if (is_packed<T>(call->channels, {call->source, call->added, call->result}))
      launch<T, kPack<T>>(*call, cudaStream_t(stream));
    else
      launch<T, 1>(*call, cudaStream_t(stream));
  });
}

}  // namespace calotype::networks::cuda
