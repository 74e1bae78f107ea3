#pragma once
#include <cmath>
#include <vector>

namespace calotype {

/// A model's training noise: sqrt(beta) rises evenly from sqrt(beta_start) to sqrt(beta_end) over the timesteps, the
/// schedule of latent diffusion: Rombach et al. 2022, arXiv:2112.10752. timesteps 0: not declared.
struct ScaledLinear {
  double beta_start = 0, beta_end = 0;  ///< (0,1)
  int timesteps = 0;
  constexpr bool operator==(const ScaledLinear&) const = default;
};

/// The sigma of each training timestep, rising, [timesteps]: sigma^2 = 1 / prod(1 - beta) - 1. Betas are float32, as
/// torch.linspace gives them to diffusers; in double the sigmas differ in the fifth digit at the low end.
inline std::vector<double> scaled_linear_sigmas(const ScaledLinear& noise) {
  const int count = noise.timesteps;
  const auto start = float(std::sqrt(noise.beta_start)), end = float(std::sqrt(noise.beta_end)),
             step = count > 1 ? (end - start) / float(count - 1) : 0;
  std::vector<double> out;
  double product = 1;
  for (int t = 0; t < count; ++t) {  // torch.linspace computes from both ends to the middle
    const float root = t < count / 2 ? std::fma(step, float(t), start) : std::fma(-step, float(count - 1 - t), end);
    const double alpha = float(product *= 1 - root * root);
    out.push_back(std::sqrt((1 - alpha) / alpha));
  }
  return out;
}

}  // namespace calotype
