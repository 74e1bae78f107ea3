#pragma once
#include <cmath>
#include <string_view>

namespace calotype {

/// The timestep of step i of n, for a model that was trained on `count` timesteps: Lin et al. 2023, table 2,
/// arXiv:2305.08891.
///   linspace     (count-1) (1 - i/(n-1)), a real number: both ends of the training schedule
///   leading      (n-1-i) floor(count/n) + offset: never the highest timesteps
///   leading_dpm  (n-i) floor(count/(n+1)) + offset: diffusers' DPM-Solver, which drops the lowest of n+1
///   trailing     round(count - i count/n) - 1: always the highest, never the lowest; half rounds to even
/// The leading spacings may exceed count-1 if there are many steps.
inline double spaced_timestep(std::string_view spacing, int i, int n, int count, int offset) {
  if (spacing == "leading") return (n - 1 - i) * (count / n) + offset;
  if (spacing == "leading_dpm") return (n - i) * (count / (n + 1)) + offset;
  if (spacing == "trailing") {
    const double apart = count - (count - double(count) / n);  // rounded as in numpy.arange, to get the same halves
    return std::nearbyint(count - i * apart) - 1;
  }
  return n == 1 ? count - 1 : (count - 1) * (1 - double(i) / (n - 1));
}

}  // namespace calotype
