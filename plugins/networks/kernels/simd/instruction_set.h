#pragma once

namespace calotype::networks::cpu {

/// What a kernel may be made of. Each kernel exists once for every set; all give the same up to rounding.
enum class InstructionSet {
  kPortable,  ///< what every processor has that the compiler builds for
  kAvx2,      ///< x86-64 with AVX2, FMA and F16C
  kAvx512,    ///< x86-64 with AVX-512 F, BW, DQ, VL, BF16 and VNNI: Zen 4, Sapphire Rapids and later
};

/// The last of them that this processor and its operating system have. A few nanoseconds, any thread.
InstructionSet best_instruction_set();

/// "portable", "avx2" or "avx512".
const char* name_of(InstructionSet set);

}  // namespace calotype::networks::cpu
