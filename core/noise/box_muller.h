#pragma once
#include <cstdint>
#include <string_view>

namespace calotype {

/// The steps of torch's normal numbers, for one instruction set.
struct NoiseKernels {
  void (*twist)(uint32_t* state);  ///< the next 624 words of a Mersenne twister (mt19937)
  void (*uniform)(const uint32_t* state, float* out, int count);  ///< tempers words; out = their low 24 bits / 2^24
  void (*box_muller)(float* x, int64_t chunks);  ///< turns 16 uniform numbers a chunk into normal ones, in place
};

/// The kernels that round as torch's for `capability` (at::get_cpu_capability()); null if there are none.
const NoiseKernels* noise_kernels(std::string_view capability);

}  // namespace calotype
