// DPM-Solver-2 that steps below the next sigma and adds new noise. Two model evaluations a step. The image does not
// converge: not for comparing numbers of steps.
//
//   up, down: euler_ancestral;   d = (x - D(x; sigma)) / sigma,   mid = sqrt(sigma down),   x2 = x + (mid - sigma) d
//   x' = x + (down - sigma) (x2 - D(x2; mid)) / mid + up s_noise z,   z ~ N(0, 1);   a step down to 0 is Euler's
//
// Lu et al. 2022, "DPM-Solver", algorithm 1, arXiv:2206.00927; Crowson, k-diffusion, sample_dpm_2_ancestral, which
// omits the noise if a large eta makes down 0 before the last step.
#include <calotype/ode.h>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "dpm_2_ancestral",
    .aliases = {"dpm_2_a", "kdpm2_a"},
    .label = "DPM2 a",
    .summary = "second order with new noise, two model evaluations a step; the image changes with the steps",
    .citation = "Lu et al. 2022, algorithm 1, arXiv:2206.00927",
    .origin = "k-diffusion",
    .category = "Creative",
    .best_for = "varied images at twice the time",
    .steps = {15, 30},
    .pairs_with = "dpm2",
    .order = 2,
    .evaluations = {2, -1},
    .settings = {kEta, kNoise}};

void dpm_2_ancestral(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kEta]);
    const double amount = up * s.settings[kNoise], mid = std::sqrt(sigma * down);
    const Latents denoised = s.denoise(x, sigma);
    if (down == 0) {
      const Latents noise = noise_for(amount, s, sigma, sigma_next);
      x = x - sigma * slope(x, denoised, sigma) + amount * noise;
      continue;
    }
    const Latents x_2 = x + (mid - sigma) * slope(x, denoised, sigma);
    const Latents denoised_2 = s.denoise(x_2, mid);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = x + (down - sigma) * slope(x_2, denoised_2, mid) + amount * noise;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpm_2_ancestral);
