// Euler's method that steps below the next sigma and adds new noise: varied images, soft detail. The image does not
// converge: not for comparing numbers of steps.
//
//   up = min(sigma', eta sqrt(sigma'^2 (sigma^2 - sigma'^2) / sigma^2)),   down = sqrt(sigma'^2 - up^2)
//   d = (x - D(x; sigma)) / sigma,   x' = x + (down - sigma) d + up s_noise z,   z ~ N(0, 1)
//
// Song et al. 2020, "Denoising Diffusion Implicit Models", eq. 16, arXiv:2010.02502; Crowson, k-diffusion,
// sample_euler_ancestral.
#include <calotype/ode.h>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "euler_ancestral",
                     .aliases = {"euler_a"},
                     .label = "Euler a",
                     .summary = "new noise at every step: varied, soft images; the image changes with the steps",
                     .citation = "Song et al. 2020, eq. 16, arXiv:2010.02502",
                     .origin = "k-diffusion",
                     .category = "Creative",
                     .best_for = "varied, soft images",
                     .steps = {15, 40},
                     .pairs_with = "euler_a",
                     .order = 1,
                     .evaluations = {1, 0},
                     .settings = {kEta, kNoise}};

void euler_ancestral(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kEta]);
    const double amount = up * s.settings[kNoise];
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = x + (down - sigma) * slope(x, denoised, sigma) + amount * noise;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, euler_ancestral);
