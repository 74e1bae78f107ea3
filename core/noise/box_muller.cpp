// Plain loops that the compiler vectorizes, compiled for two instruction sets. Mersenne twister: Matsumoto, Nishimura
// 1998. Polynomials: Moshier's Cephes, single precision, which torch also uses. With torch's order of operations the
// numbers equal those of torch 2.11 to the bit.
#include "noise/box_muller.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace calotype {
#if defined(__x86_64__)
namespace {

#define CALOTYPE_INLINE [[gnu::always_inline]] inline

constexpr int kWords = 624, kAhead = 397, kBehind = kWords - kAhead, kHalf = 8;

CALOTYPE_INLINE uint32_t twisted(uint32_t far, uint32_t here, uint32_t next) {
  return far ^ ((here & 0x80000000) | (next & 0x7fffffff)) >> 1 ^ (-(next & 1) & 0x9908b0df);
}

CALOTYPE_INLINE void twist(uint32_t* s) {
  for (int i = 0; i < kBehind; ++i) s[i] = twisted(s[i + kAhead], s[i], s[i + 1]);
  for (int i = kBehind; i < kWords - 1; ++i) s[i] = twisted(s[i - kBehind], s[i], s[i + 1]);
  s[kWords - 1] = twisted(s[kAhead - 1], s[kWords - 1], s[0]);
}

CALOTYPE_INLINE void uniform(const uint32_t* state, float* __restrict out, int count) {
  for (int i = 0; i < count; ++i) {
    uint32_t y = state[i];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >> 18;
    out[i] = float(int32_t(y & 0xffffff)) * 0x1p-24f;
  }
}

/// Horner's scheme. Not with an array of coefficients, whose loop is unrolled too late for the compiler to vectorize
/// the enclosing loop.
template <class... Coefficients>
CALOTYPE_INLINE float polynomial(float x, float y, Coefficients... next) {
  ((y = std::fma(y, x, next)), ...);
  return y;
}

/// The logarithm of a number in [2^-24,1].
CALOTYPE_INLINE float log_of(float u) {
  // u = 2^e * (1 + x) with 1 + x in [sqrt(1/2),sqrt(2))
  constexpr int32_t kRootOfHalf = 0x3f3504f3;
  const int32_t shifted = std::bit_cast<int32_t>(u) - kRootOfHalf;
  const float e = float(shifted >> 23), x = std::bit_cast<float>((shifted & 0x7fffff) + kRootOfHalf) - 1;
  const float square = x * x;
  const float y =
      polynomial(x, 7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f,
                 -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f);
  const float rest = std::fma(-square, 0.5f, std::fma(y * x, square, e * -2.12194440e-4f));
  return std::fma(e, 0.693359375f, x + rest);
}

struct Turn {
  float cosine, sine;
};

/// Cosine and sine of an angle in [0,2 pi].
CALOTYPE_INLINE Turn turn(float angle) {
  const int32_t octant = (int32_t(angle * 1.27323954473516f) + 1) & ~1;
  const float n = float(octant);
  const float x =
      std::fma(n, -3.77489497744594108e-8f, std::fma(n, -2.4187564849853515625e-4f, std::fma(n, -0.78515625f, angle)));
  const float z = x * x;
  const float even = polynomial(z, 2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f);
  const float odd = polynomial(z, -1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f);
  const auto a = std::bit_cast<uint32_t>(std::fma(even * z, z, -(z * 0.5f)) + 1),
             b = std::bit_cast<uint32_t>(std::fma(odd * z, x, x));
  const uint32_t q = uint32_t(octant), crossed = -(q >> 1 & 1);  // masks, because a branch would prevent vectorization
  return {std::bit_cast<float>(((b & crossed) | (a & ~crossed)) ^ ((q + 2) & 4) << 29),
          std::bit_cast<float>(((a & crossed) | (b & ~crossed)) ^ (q & 4) << 29)};
}

CALOTYPE_INLINE void box_muller(float* data, int64_t chunks) {
  constexpr int kBlock = 32, kLanes = kBlock * kHalf;
  alignas(64) float first[kLanes], second[kLanes];
  for (int64_t start = 0; start < chunks; start += kBlock) {
    const int64_t n = chunks - start < kBlock ? chunks - start : kBlock;
    float* const x = data + start * 2 * kHalf;
    for (int64_t k = 0; k < n; ++k) {
      std::memcpy(first + k * kHalf, x + k * 2 * kHalf, kHalf * sizeof(float));
      std::memcpy(second + k * kHalf, x + k * 2 * kHalf + kHalf, kHalf * sizeof(float));
    }
    for (int64_t i = 0; i < n * kHalf; ++i) {
      const float radius = std::sqrt(-2 * log_of(1 - first[i]));
      const Turn t = turn(6.2831853071795864769f * second[i]);
      first[i] = radius * t.cosine;
      second[i] = radius * t.sine;
    }
    for (int64_t k = 0; k < n; ++k) {
      std::memcpy(x + k * 2 * kHalf, first + k * kHalf, kHalf * sizeof(float));
      std::memcpy(x + k * 2 * kHalf + kHalf, second + k * kHalf, kHalf * sizeof(float));
    }
  }
}

#define CALOTYPE_FOR(set, names)                                                  \
  namespace set {                                                                 \
  [[gnu::target(names)]] void twist(uint32_t* state) {                            \
    calotype::twist(state);                                                       \
  }                                                                               \
  [[gnu::target(names)]] void uniform(const uint32_t* state, float* out, int n) { \
    calotype::uniform(state, out, n);                                             \
  }                                                                               \
  [[gnu::target(names)]] void box_muller(float* x, int64_t chunks) {              \
    calotype::box_muller(x, chunks);                                              \
  }                                                                               \
  constexpr NoiseKernels kKernels{twist, uniform, box_muller};                    \
  }
CALOTYPE_FOR(avx2, "avx2,fma")
CALOTYPE_FOR(avx512, "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")

}  // namespace

const NoiseKernels* noise_kernels(std::string_view capability) {
  return capability == "AVX512" ? &avx512::kKernels : capability == "AVX2" ? &avx2::kKernels : nullptr;
}
#else
const NoiseKernels* noise_kernels(std::string_view) {
  return nullptr;
}
#endif

}  // namespace calotype
