// What is done to latents between two calls of the network, each in one launch. They are few numbers, so that a launch
// costs more than its work: a thread for each, and nothing clever.
#include "networks/kernels/cuda/latents.h"
#include "networks/kernels/cuda/numbers.cuh"

namespace calotype::networks::cuda {
namespace {

/// Of this thread; a grid of `blocks_for` has one for each number and some beyond the last.
__device__ int64_t number_of_thread() {
  return int64_t(blockIdx.x) * kThreads + threadIdx.x;
}

unsigned blocks_for(int64_t count) {
  return unsigned(over(count, kThreads));
}

__global__ void __launch_bounds__(kThreads) combine_kernel(CombineCall call) {
  const int64_t i = number_of_thread();
  if (i >= call.count) return;
  float sum = 0;
#pragma unroll
  for (int k = 0; k < kMostTerms; ++k)
    if (k < call.term_count) sum = fmaf(call.coefficients[k], call.terms[k][i], sum);
  call.result[i] = sum;
}

/// Where number i of images [images,channels,positions] is in [images,positions,channels].
__device__ int64_t channels_last(int64_t i, int64_t channels, int64_t places) {
  const int64_t plane = i / places, image = plane / channels;
  return (image * places + i % places) * channels + plane % channels;
}

template <class T>
__global__ void __launch_bounds__(kThreads) scaled_kernel(ScaledCall call) {
  const int64_t i = number_of_thread(), count = call.images * call.channels * call.places;
  if (i >= count) return;
  const T number = rounded<T>(call.factor * call.source[i]);
  T* to = out<T>(call.result) + channels_last(i, call.channels, call.places);
  for (int copy = 0; copy < call.copies; ++copy) to[copy * count] = number;
}

template <class T>
__global__ void __launch_bounds__(kThreads) denoised_kernel(DenoisedCall call) {
  const int64_t i = number_of_thread(), count = call.images * call.channels * call.places;
  if (i >= count) return;
  const T* from = in<T>(call.output) + channels_last(i, call.channels, call.places);
  float output = to_float(from[0]);
  if (call.is_guided) output = fmaf(call.guidance_scale, to_float(from[count]) - output, output);
  call.result[i] = fmaf(call.of_output, output, call.of_x * call.x[i]);
}

}  // namespace

int32_t combine(const CombineCall* call, void* stream) {
  if (call->count == 0) return 0;
  combine_kernel<<<blocks_for(call->count), kThreads, 0, cudaStream_t(stream)>>>(*call);
  return cudaGetLastError();
}

int32_t scaled(const ScaledCall* call, void* stream) {
  const int64_t count = call->images * call->channels * call->places;
  if (count == 0) return 0;
  return of_format(call->format, [&](auto number) {
    scaled_kernel<decltype(number)><<<blocks_for(count), kThreads, 0, cudaStream_t(stream)>>>(*call);
  });
}

int32_t denoised(const DenoisedCall* call, void* stream) {
  const int64_t count = call->images * call->channels * call->places;
  if (count == 0) return 0;
  return of_format(call->format, [&](auto number) {
    denoised_kernel<decltype(number)><<<blocks_for(count), kThreads, 0, cudaStream_t(stream)>>>(*call);
  });
}

}  // namespace calotype::networks::cuda
