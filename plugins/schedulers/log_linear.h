#pragma once
#include <algorithm>
#include <cmath>
#include <span>

#include "schedulers/falling.h"

namespace calotype {

/// The value of the falling table at `position`, 0 its first point and 1 its last. The logarithm is linear between
/// points.
inline double log_linear(std::span<const double> table, double position) {
  const double x = position * double(table.size() - 1);
  const size_t k = std::min(size_t(x), table.size() - 2);
  return table[k] * std::pow(table[k + 1] / table[k], x - double(k));
}

/// steps+1 points over the whole table, the last one replaced by 0: the way of ComfyUI and stable-diffusion.cpp.
inline std::vector<double> stretched(int steps, std::span<const double> table) {
  return falling_to_zero(
      steps, [&](int i, int n) { return log_linear(table, double(i) / n); }, "sigmas of the table run out");
}

/// `steps` points over the whole table, its last included, followed by 0: the way of AUTOMATIC1111.
inline std::vector<double> stretched_whole(int steps, std::span<const double> table) {
  return falling_to_zero(
      steps, [&](int i, int n) { return i ? log_linear(table, double(i) / (n - 1)) : table[0]; },
      "sigmas of the table run out");
}

}  // namespace calotype
