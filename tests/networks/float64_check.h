#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "networks/kernels/simd/instruction_set.h"

namespace calotype::networks::cpu {

/// Those of this processor.
inline std::vector<InstructionSet> sets() {
  std::vector<InstructionSet> all{InstructionSet::kPortable, InstructionSet::kAvx2, InstructionSet::kAvx512};
  all.resize(size_t(best_instruction_set()) + 1);
  return all;
}

inline double value(float x) {
  return x;
}
inline double value(uint16_t bfloat16) {
  return std::bit_cast<float>(uint32_t(bfloat16) << 16);
}

/// Half a unit in the last place of T, as a part of the number.
template <class T>
constexpr double kHalfUnit = sizeof(T) == 2 ? 0x1p-8 : 0x1p-24;
/// How far functions may be off beside the rounding to T.
template <class T>
constexpr double kFunction = sizeof(T) == 2 ? 0x1p-12 : 1e-6;

/// Numbers of a normal distribution, cut off to T.
template <class T>
std::vector<T> random(int64_t count, unsigned seed, float deviation = 1, float mean = 0) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(mean, deviation);
  std::vector<T> numbers(count);
  for (T& x : numbers) {
    const float number = normal(generator);
    if constexpr (sizeof(T) == 4)
      x = number;
    else
      x = uint16_t(std::bit_cast<uint32_t>(number) >> 16);
  }
  return numbers;
}

/// Largest |got - want| in units of what is allowed: the rounding of `want` to T, and `slack`.
template <class T>
double excess(const std::vector<T>& got, const std::vector<double>& want, double slack) {
  REQUIRE(got.size() == want.size());
  double most = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(value(got[i]) - want[i]);
    most = std::max(most, std::isnan(error) ? 1e9 : error / (kHalfUnit<T> * std::abs(want[i]) + slack));
  }
  return most;
}

}  // namespace calotype::networks::cpu
