#include "philox_noise.h"

#include <ATen/Version.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "box_muller.h"
#include "philox.h"

namespace calotype {
namespace {

constexpr int kChunk = 16, kLanes = 64;  // of box_muller; blocks of four words that are made side by side

/// Four uniform numbers of [0,1) for each of kLanes counters.
[[gnu::target_clones("avx512f", "avx2", "default")]] void uniform(uint64_t seed, uint64_t stream, uint32_t first, float* out) {
  uint32_t a[kLanes], b[kLanes], c[kLanes], d[kLanes];
  for (int i = 0; i < kLanes; ++i) a[i] = first + uint32_t(i), b[i] = 1, c[i] = uint32_t(stream), d[i] = uint32_t(stream >> 32);
  PhiloxKey key(seed);
  for (int round = 0; round < kPhiloxRounds; ++round, key.next())
    for (int i = 0; i < kLanes; ++i) philox_round(a[i], b[i], c[i], d[i], key);
  for (int i = 0; i < kLanes; ++i) {
    out[i] = float(int32_t(a[i] >> 8)) * 0x1p-24f, out[kLanes + i] = float(int32_t(b[i] >> 8)) * 0x1p-24f;
    out[2 * kLanes + i] = float(int32_t(c[i] >> 8)) * 0x1p-24f, out[3 * kLanes + i] = float(int32_t(d[i] >> 8)) * 0x1p-24f;
  }
}

/// Box and Muller 1958, on chunks of 8 radii and 8 angles, as the kernels have it.
void normal(float* x, int64_t chunks) {
  for (int64_t k = 0; k < chunks; ++k)
    for (float* first = x + k * kChunk; first < x + k * kChunk + kChunk / 2; ++first) {
      const float radius = std::sqrt(-2 * std::log(1 - first[0])), angle = 2 * std::numbers::pi_v<float> * first[kChunk / 2];
      first[0] = radius * std::cos(angle), first[kChunk / 2] = radius * std::sin(angle);
    }
}

}  // namespace

void philox_noise(uint64_t seed, uint32_t draw, std::span<float> out) {
  constexpr double unit = 0x1p-32, turn = 2 * std::numbers::pi * unit;
  for (size_t i = 0; i < out.size(); ++i) {
    const auto words = philox({draw, 0, uint32_t(i), uint32_t(uint64_t(i) >> 32)}, seed);
    const double radius = std::sqrt(-2 * std::log(words[0] * unit + unit / 2));
    out[i] = float(radius * std::sin(words[1] * turn + turn / 2));
  }
}

void counter_noise(uint64_t seed, uint64_t stream, std::span<float> out) {
  static const NoiseKernels* const kernels = noise_kernels(at::get_cpu_capability());
  constexpr size_t block = 4 * kLanes;
  float numbers[block];
  for (size_t at = 0; at < out.size(); at += block) {
    uniform(seed, stream, uint32_t(at / 4), numbers);
    (kernels ? kernels->box_muller : normal)(numbers, block / kChunk);
    std::copy_n(numbers, std::min(block, out.size() - at), out.begin() + std::ptrdiff_t(at));
  }
}

}  // namespace calotype
