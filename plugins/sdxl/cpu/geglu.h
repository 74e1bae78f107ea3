#pragma once
#include <cstdint>

#include "instruction_set.h"

namespace calotype::sdxl::cpu {

/// The gated unit of a transformer's feed-forward layer: out = a * gelu(b), gelu by the error function, for the rows
/// [begin,end) of x [rows][2][width], whose rows are [a,b]. T is float, or uint16_t for the bits of bfloat16.
/// x and out [rows][width] are contiguous and do not overlap; bias [2][width], or null, is added to x first. No alignment
/// is needed, nothing is allocated.
template <class T>
void geglu(const T* x, const T* bias, int64_t width, T* out, int64_t begin, int64_t end,
           InstructionSet set = best_instruction_set());

}  // namespace calotype::sdxl::cpu
