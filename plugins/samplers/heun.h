#pragma once
#include <calotype/ode.h>
#include <calotype/sampler.h>

namespace calotype {

/// One step of Heun's method: the mean of the slopes at both ends. To sigma_next 0, where there is no slope, one of Euler's.
inline void heun_step(const Sampling& s, Latents& x, double sigma, double sigma_next) {
  const double h = sigma_next - sigma;
  const Latents denoised = s.denoise(x, sigma);
  if (sigma_next == 0) {
    x = x + h * slope(x, denoised, sigma);
    return;
  }
  const Latents x_2 = x + h * slope(x, denoised, sigma);
  const Latents denoised_2 = s.denoise(x_2, sigma_next);
  x = x + h / 2 * (slope(x, denoised, sigma) + slope(x_2, denoised_2, sigma_next));
}

}  // namespace calotype
