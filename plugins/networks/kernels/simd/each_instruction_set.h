// Compiles one body of kernels for every instruction set, without a compiler flag. No include guard: a .cpp file says
//
//   #define CALOTYPE_BODY "layer_norm_body.h"
//   #include "each_instruction_set.h"
//
// once, and then has portable::f, avx2::f and avx512::f of each function f that the body defines in the namespace
// calotype::networks::cpu::CALOTYPE_SET with the Vector found there. CALOTYPE_DISPATCH(set, f(x)) calls one of them.
//
// Standard headers are included here, before any instruction set is switched on: an inline function of theirs that were
// compiled for AVX-512 could be the one that the linker keeps for the whole program.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#if defined(__x86_64__)
#if !defined(__clang__)
#pragma GCC diagnostic push  // GCC bug 105593: wrong about _mm512_undefined_ps()
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif

#include "networks/kernels/simd/instruction_set.h"

namespace calotype::networks::cpu {
inline float widened(float x) {
  return x;
}
inline float widened(uint16_t bfloat16) {
  return std::bit_cast<float>(uint32_t(bfloat16) << 16);
}

/// How exact functions are: within 2^-13 of the result, enough where that is rounded to bfloat16, or in the last
/// positions.
enum class Accuracy { kBFloat16, kFloat };
template <class T>
constexpr Accuracy kAccuracy = sizeof(T) == 2 ? Accuracy::kBFloat16 : Accuracy::kFloat;
}  // namespace calotype::networks::cpu

#define CALOTYPE_INLINE [[gnu::always_inline]] inline
#define CALOTYPE_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define CALOTYPE_TARGET(names) \
  CALOTYPE_PRAGMA(clang attribute push(__attribute__((target(names))), apply_to = function))
#define CALOTYPE_TARGET_END CALOTYPE_PRAGMA(clang attribute pop)
#else
#define CALOTYPE_TARGET(names) CALOTYPE_PRAGMA(GCC push_options) CALOTYPE_PRAGMA(GCC target(names))
#define CALOTYPE_TARGET_END CALOTYPE_PRAGMA(GCC pop_options)
#endif

// In this order, as each needs those before it.
// clang-format off
#define CALOTYPE_SET portable
#include "networks/kernels/simd/vector_portable.h"
#include "networks/kernels/simd/wide_body.h"
#include "networks/kernels/simd/up_to_body.h"
#include "networks/kernels/simd/transpose_body.h"
#include "networks/kernels/simd/float_dot_body.h"
#include "networks/kernels/simd/byte_dot_portable.h"
#include CALOTYPE_BODY
#undef CALOTYPE_SET

#if defined(__x86_64__)
CALOTYPE_TARGET("avx2,fma,f16c")
#define CALOTYPE_SET avx2
#include "networks/kernels/simd/vector_avx2.h"
#include "networks/kernels/simd/wide_body.h"
#include "networks/kernels/simd/up_to_body.h"
#include "networks/kernels/simd/transpose_body.h"
#include "networks/kernels/simd/float_dot_body.h"
#include "networks/kernels/simd/byte_dot_avx2.h"
#include CALOTYPE_BODY
#undef CALOTYPE_SET
CALOTYPE_TARGET_END

CALOTYPE_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx512vnni")
#define CALOTYPE_SET avx512
#include "networks/kernels/simd/vector_avx512.h"
#include "networks/kernels/simd/wide_body.h"
#include "networks/kernels/simd/up_to_body.h"
#include "networks/kernels/simd/transpose_body.h"
#include "networks/kernels/simd/transpose_avx512.h"
#include "networks/kernels/simd/float_dot_body.h"
#include "networks/kernels/simd/pair_dot_avx512.h"
#include "networks/kernels/simd/byte_dot_avx512.h"
#include CALOTYPE_BODY
#undef CALOTYPE_SET
CALOTYPE_TARGET_END
#else
namespace calotype::networks::cpu {
namespace avx2 = portable;
namespace avx512 = portable;
}  // namespace calotype::networks::cpu
#endif
// clang-format on

#define CALOTYPE_DISPATCH(set, ...) \
  switch (set) {                    \
    case InstructionSet::kAvx512:   \
      return avx512::__VA_ARGS__;   \
    case InstructionSet::kAvx2:     \
      return avx2::__VA_ARGS__;     \
    default:                        \
      return portable::__VA_ARGS__; \
  }
