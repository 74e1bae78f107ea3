#pragma once
#include "samplers/stochastic.h"

/// The noise that Karras et al. 2022, algorithm 2, arXiv:2206.00364, add before a step.
namespace calotype {

inline constexpr Setting kChurn = number("s_churn", 0, 0, 1e6, "noise added over the whole pass; 0: none, 40: a lot");
inline constexpr Setting kChurnMin = number("s_tmin", 0, 0, 1e6, "lowest sigma at which noise is added");
inline constexpr Setting kChurnMax =
    number("s_tmax", kNotGiven, 0, 1e6, "highest sigma at which noise is added; absent: no limit");

/// Lines 4 to 6: raises x from sigmas[i] to sigma_hat and returns sigma_hat. Outside [s_tmin, s_tmax] noise is sampled
/// but not used, as in k-diffusion, so that equal seeds give equal images.
inline double churn(const Sampling& s, int i, Latents& x) {
  const double sigma = s.sigmas[i], amount = s.settings[kChurn];
  if (amount == 0) return sigma;
  const double sigma_hat = sigma * (1 + std::min(amount / s.steps(), std::sqrt(2.0) - 1));
  const Latents noise = s.noise(sigma, sigma_hat);
  if (sigma < s.settings[kChurnMin] || sigma > s.settings.value_or(kChurnMax, kUnbounded)) return sigma;
  x = x + s.settings[kNoise] * std::sqrt(sigma_hat * sigma_hat - sigma * sigma) * noise;
  return sigma_hat;
}

}  // namespace calotype
