#pragma once
#include <cstdint>

#include "networks/kernels/simd/instruction_set.h"

namespace calotype::networks::cpu {

/// LayerNorm of the rows [begin,end) of x [rows][channels], contiguous; T is float, or uint16_t for the bits of
/// bfloat16, and arithmetic is in float32. No alignment is needed, nothing is allocated.
template <class T>
struct LayerNormOptions {
  int64_t channels;
  const T* weight;  ///< [channels]
  const T* bias;    ///< [channels]
  double epsilon;   ///< added to the variance
};

/// y = (x - mean) / deviation * weight + bias. y may be x.
template <class T>
void layer_norm(const LayerNormOptions<T>& options, const T* x, T* y, int64_t begin, int64_t end,
                InstructionSet set = best_instruction_set());

}  // namespace calotype::networks::cpu
