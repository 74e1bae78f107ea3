#pragma once
#include <cstddef>
#include <vector>

namespace calotype::networks {

/// The step from whose sigma, or below it, the network is asked: a call at the end of a step counts to the next
/// one. So it does not matter how often a sampler asks in a step. sigmas: one more than steps, falling.
inline size_t step_of(double sigma, const std::vector<double>& sigmas) {
  constexpr double kRounding = 1 + 1e-6;  // a sampler may have computed a sigma of the schedule anew
  size_t step = 0;
  while (step + 2 < sigmas.size() && sigma <= sigmas[step + 1] * kRounding) ++step;
  return step;
}

}  // namespace calotype::networks
