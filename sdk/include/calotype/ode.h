#pragma once
#include <calotype/latents.h>

#include <algorithm>
#include <cmath>

/// Small steps that samplers share.
namespace calotype {

/// dx/dsigma of the probability flow ODE: Karras et al. 2022, eq. 3 with the denoiser put in, arXiv:2206.00364.
inline auto slope(const Latents& x, const Latents& denoised, double sigma) {
  return (x - denoised) / sigma;
}

/// A step to sigma_next as a deterministic step to `down` and new noise of standard deviation `up`.
struct AncestralStep {
  double down, up;
};

/// eta 1: all the noise that DDPM adds; 0: none.
inline AncestralStep ancestral_step(double sigma, double sigma_next, double eta) {
  if (sigma_next == 0) return {0, 0};
  const double s = sigma * sigma, n = sigma_next * sigma_next;
  const double up = std::min(sigma_next, eta * std::sqrt(n * (s - n) / s));
  return {std::sqrt(n - up * up), up};
}

}  // namespace calotype
