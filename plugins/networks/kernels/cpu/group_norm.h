#pragma once
#include <cstdint>

#include "networks/kernels/simd/instruction_set.h"

namespace calotype::networks::cpu {

/// GroupNorm of x [images][positions][channels], contiguous (channels last), each group with the mean and variance of
/// its channels at all positions.
struct GroupNormShape {
  int64_t images, positions, channels;  ///< each at least 1; positions: height * width
  int64_t groups;                       ///< divides channels
};

/// What is done on the way. T as below.
template <class T>
struct GroupNormOptions {
  const T* weight;         ///< [channels]
  const T* bias;           ///< [channels]
  bool silu = false;       ///< x * sigmoid(x) follows
  const T* add = nullptr;  ///< [images][channels] added to x first, or none
};

// T is float, or uint16_t for the bits of bfloat16; arithmetic is in float32. An image is cut into parts that threads
// share, in three steps: the moments of all parts, the scales, the result of all parts. Nothing is allocated, the stack
// takes 6 KiB, no alignment is needed.

/// Into how many parts each image is cut.
int64_t group_norm_parts(const GroupNormShape& shape);

/// Sum of x + add and of its square over a group's channels in one part.
struct GroupMoments {
  double sum, squares;
};

/// The moments of the parts [begin,end) of images * parts: moments is [images][parts][groups]. Of the options only
/// `add` is read. However far from 0 the mean is, the variance is found.
template <class T>
void group_norm_moments(const GroupNormShape& shape, const GroupNormOptions<T>& options, const T* x,
                        GroupMoments* moments, int64_t begin, int64_t end, InstructionSet set = best_instruction_set());

/// A group's mean and 1 / sqrt(variance + epsilon).
struct GroupScale {
  float mean, factor;
};

/// scales [images][groups] of all parts' moments; a few microseconds.
void group_norm_scales(const GroupNormShape& shape, double epsilon, const GroupMoments* moments, GroupScale* scales);

/// Writes the parts [begin,end) of y, laid out as x, which it may be.
template <class T>
void group_norm(const GroupNormShape& shape, const GroupNormOptions<T>& options, const T* x, const GroupScale* scales,
                T* y, int64_t begin, int64_t end, InstructionSet set = best_instruction_set());

}  // namespace calotype::networks::cpu
