#include "noise/philox_noise.h"

#include <ATen/Version.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cmath>
#include <numbers>

#include "noise/box_muller.h"
#include "noise/philox.h"

namespace calotype {
namespace {

constexpr int kChunk = 16, kLanes = 64;  // of box_muller; the number of four-word blocks that are computed side by side

/// Four uniform numbers of [0,1) for each of kLanes counters.
[[gnu::target_clones("avx2", "default")]] void uniform(uint64_t seed, uint64_t stream, uint32_t first, float* out) {
  uint32_t a[kLanes], b[kLanes], c[kLanes], d[kLanes];
  for (int i = 0; i < kLanes; ++i)
    a[i] = first + uint32_t(i), b[i] = 1, c[i] = uint32_t(stream), d[i] = uint32_t(stream >> 32);
  PhiloxKey key(seed);
  for (int round = 0; round < kPhiloxRounds; ++round, key.next())
    for (int i = 0; i < kLanes; ++i) philox_round(a[i], b[i], c[i], d[i], key);
  for (int i = 0; i < kLanes; ++i) {
    out[i] = float(int32_t(a[i] >> 8)) * 0x1p-24f, out[kLanes + i] = float(int32_t(b[i] >> 8)) * 0x1p-24f;
    out[2 * kLanes + i] = float(int32_t(c[i] >> 8)) * 0x1p-24f,
                     out[3 * kLanes + i] = float(int32_t(d[i] >> 8)) * 0x1p-24f;
  }
}

#if defined(__x86_64__)
/// As above. The product of two words takes 64 bits, and the compiler does not vectorize 8 such products in plain
/// loops.
[[gnu::target("avx512f")]] void uniform_avx512(uint64_t seed, uint64_t stream, uint32_t first, float* out) {
  using Words = uint64_t __attribute__((vector_size(64)));
  const __m512i times_a = _mm512_set1_epi64(kPhiloxA), times_c = _mm512_set1_epi64(kPhiloxC);
  constexpr int kAtOnce = 8;
  for (int i = 0; i < kLanes; i += kAtOnce) {
    Words a = Words{0, 1, 2, 3, 4, 5, 6, 7} + uint64_t(first + uint32_t(i)), b = Words{} + 1,
          c = Words{} + uint64_t(uint32_t(stream)), d = Words{} + (stream >> 32);
    PhiloxKey key(seed);
    for (int round = 0; round < kPhiloxRounds; ++round, key.next()) {
      const auto x = Words(_mm512_maskz_mul_epu32(0xff, __m512i(a), times_a)),
                 y = Words(_mm512_maskz_mul_epu32(0xff, __m512i(c), times_c));
      philox_mix(x, y, a, b, c, d, key);
    }
    const Words* const words[] = {&a, &b, &c, &d};
    for (int k = 0; k < 4; ++k) {
      const __m256i high = _mm256_srli_epi32(_mm512_maskz_cvtepi64_epi32(0xff, __m512i(*words[k])), 8);
      _mm256_storeu_ps(out + k * kLanes + i, _mm256_mul_ps(_mm256_cvtepi32_ps(high), _mm256_set1_ps(0x1p-24f)));
    }
  }
}
#endif

auto fastest_uniform() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return uniform_avx512;
#endif
  return uniform;
}

/// Box and Muller 1958, on chunks of 8 radii and 8 angles, as in the kernels.
void normal(float* x, int64_t chunks) {
  for (int64_t k = 0; k < chunks; ++k)
    for (float* first = x + k * kChunk; first < x + k * kChunk + kChunk / 2; ++first) {
      const float radius = std::sqrt(-2 * std::log(1 - first[0])),
                  angle = 2 * std::numbers::pi_v<float> * first[kChunk / 2];
      first[0] = radius * std::cos(angle), first[kChunk / 2] = radius * std::sin(angle);
    }
}

}  // namespace

void philox_noise(uint64_t seed, uint32_t call, std::span<float> out) {
  constexpr double unit = 0x1p-32, turn = 2 * std::numbers::pi * unit;
  for (size_t i = 0; i < out.size(); ++i) {
    const auto words = philox({call, 0, uint32_t(i), uint32_t(uint64_t(i) >> 32)}, seed);
    const double radius = std::sqrt(-2 * std::log(words[0] * unit + unit / 2));
    out[i] = float(radius * std::sin(words[1] * turn + turn / 2));
  }
}

void counter_noise(uint64_t seed, uint64_t stream, std::span<float> out, size_t first) {
  static const NoiseKernels* const kernels = noise_kernels(at::get_cpu_capability());
  static const auto uniform = fastest_uniform();
  constexpr size_t block = 4 * kLanes;
  static_assert(block == kCounterBlock);
  const auto fill = [&](size_t at, float* numbers) {
    uniform(seed, stream, uint32_t((first + at) / 4), numbers);
    (kernels ? kernels->box_muller : normal)(numbers, block / kChunk);
  };
  size_t at = 0;
  for (; at + block <= out.size(); at += block) fill(at, out.data() + at);
  if (at == out.size()) return;
  float numbers[block];
  fill(at, numbers);
  std::copy_n(numbers, out.size() - at, out.begin() + std::ptrdiff_t(at));
}

}  // namespace calotype
