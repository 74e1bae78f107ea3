#pragma once
#include <cstdint>

#include "networks/kernels/simd/instruction_set.h"
#include "networks/kernels/simd/number_format.h"

namespace calotype::networks::cpu {

/// Writes `count` numbers of x to y in another format, to the nearest, ties to even. Numbers too small to be normal are
/// kept, those too large become infinite, and what is no number stays none. y may be x where both take 2 bytes, else
/// they do not overlap; both lie on a multiple of what a number takes. Threads share an array by its parts.
void convert(NumberFormat from, const void* x, NumberFormat to, void* y, int64_t count,
             InstructionSet set = best_instruction_set());

}  // namespace calotype::networks::cpu
