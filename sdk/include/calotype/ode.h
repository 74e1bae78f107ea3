#pragma once
#include <calotype/latents.h>

#include <algorithm>
#include <cmath>

/// Small formulas that samplers share.
namespace calotype {

/// dx/dsigma of the probability flow ODE: Karras et al. 2022, eq. 3 with the denoiser inserted, arXiv:2206.00364. sigma
/// > 0.
inline auto slope(const Latents& x, const Latents& denoised, double sigma) {
  return (x - denoised) / sigma;
}

/// A step to sigma_next, split into a deterministic step to `down` and new noise of standard deviation `up`:
/// sigma_next^2 = down^2 + up^2.
struct AncestralStep {
  double down, up;
};

/// Splits the step from sigma to sigma_next. eta 1 adds as much noise as DDPM does, 0 none.
inline AncestralStep ancestral_step(double sigma, double sigma_next, double eta) {
  if (sigma_next == 0) return {0, 0};
  const double s = sigma * sigma, n = sigma_next * sigma_next;
  const double up = std::min(sigma_next, eta * std::sqrt(n * (s - n) / s));
  return {std::sqrt(n - up * up), up};
}

}  // namespace calotype
