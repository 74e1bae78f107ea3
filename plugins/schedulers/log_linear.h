#pragma once
#include <algorithm>
#include <cmath>
#include <span>

#include "schedulers/falling.h"

namespace calotype {

/// The falling table at `place` of its length, 0 its first point and 1 its last; the logarithm is linear between
/// points.
inline double log_linear(std::span<const double> table, double place) {
  const double x = place * double(table.size() - 1);
  const size_t k = std::min(size_t(x), table.size() - 2);
  return table[k] * std::pow(table[k + 1] / table[k], x - double(k));
}

/// steps+1 points over the table, the last of them 0 instead: as ComfyUI and stable-diffusion.cpp stretch one.
inline std::vector<double> stretched(int steps, std::span<const double> table) {
  return falling_to_zero(
      steps, [&](int i, int n) { return log_linear(table, double(i) / n); }, "sigmas of the table run out");
}

/// `steps` points over the table, its last included, and a 0 after them: as AUTOMATIC1111 stretches one.
inline std::vector<double> stretched_whole(int steps, std::span<const double> table) {
  return falling_to_zero(
      steps, [&](int i, int n) { return i ? log_linear(table, double(i) / (n - 1)) : table[0]; },
      "sigmas of the table run out");
}

}  // namespace calotype
