#pragma once
#include <cstdint>

#include "instruction_set.h"

namespace calotype::sdxl::cpu {

// T is float, or uint16_t for the bits of bfloat16; sums are of float32, rounded once. `out` may be any of the others. No
// alignment is needed, nothing is allocated.

/// out[i] = a[i] + b[i] for i in [begin,end).
template <class T>
void add(const T* a, const T* b, T* out, int64_t begin, int64_t end, InstructionSet set = best_instruction_set());

/// out[r][c] = x[r][c] + bias[c] + residual[r][c] for rows r in [begin,end) of `channels` numbers that follow each other.
template <class T>
void add_bias_and_residual(const T* x, const T* bias, const T* residual, int64_t channels, T* out, int64_t begin,
                           int64_t end, InstructionSet set = best_instruction_set());

}  // namespace calotype::sdxl::cpu
