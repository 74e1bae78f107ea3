#pragma once
#include <cmath>
#include <string_view>

namespace calotype {

/// Timestep of step i of n where the model was trained on `count` timesteps: Lin et al. 2023, table 2,
/// arXiv:2305.08891.
///   linspace     (count-1) (1 - i/(n-1)), real: both ends of the training schedule
///   leading      (n-1-i) floor(count/n) + offset: never the noisiest ones
///   leading_dpm  (n-i) floor(count/(n+1)) + offset: diffusers' DPM-Solver, which drops the last of n+1
///   trailing     round(count - i count/n) - 1: always the noisiest, never the clean end; half rounds to even
/// Leading kinds may pass count-1 where the steps are many.
inline double spaced_timestep(std::string_view spacing, int i, int n, int count, int offset) {
  if (spacing == "leading") return (n - 1 - i) * (count / n) + offset;
  if (spacing == "leading_dpm") return (n - i) * (count / (n + 1)) + offset;
  if (spacing == "trailing") {
    const double apart = count - (count - double(count) / n);  // rounded as numpy.arange does, for the same halves
    return std::nearbyint(count - i * apart) - 1;
  }
  return n == 1 ? count - 1 : (count - 1) * (1 - double(i) / (n - 1));
}

}  // namespace calotype
