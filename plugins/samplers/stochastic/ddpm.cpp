// DDPM's own sampler: the Markov chain that the model was trained to reverse, for many steps. Not for fewer than 50.
//
//   x' = (down/sigma) x + (1 - down/sigma) D + up s_noise z,   up, down: ancestral_step,   z ~ N(0, 1)
//
// With eta 1, down = sigma'^2/sigma and x' is a sample of q(x_(t-1) | x_t, x_0 = D), eq. 6 and 7. `variance: large`
// uses the other variance of section 3.2, beta_t instead of beta~_t. For latents of clean + sigma noise, with 1 +
// sigma^2 = 1/alpha_bar, it is larger by (sigma^2 - sigma'^2)^2 / (sigma^2 (1 + sigma^2)).
//
// Ho, Jain, Abbeel 2020, "Denoising Diffusion Probabilistic Models", algorithm 2, arXiv:2006.11239.
#include <calotype/ode.h>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kVariance =
    choice("variance", "small", "small|large", "variance of the noise: the smallest or the largest of DDPM");

constexpr Info kInfo{.id = "ddpm",
                     .label = "DDPM",
                     .summary = "the Markov chain that the model was trained to reverse; not for fewer than 50 steps",
                     .citation = "Ho et al. 2020, algorithm 2, arXiv:2006.11239",
                     .origin = "ComfyUI",
                     .category = "Basic",
                     .best_for = "many steps",
                     .steps = {50, 1000},
                     .pairs_with = "simple",
                     .order = 1,
                     .evaluations = {1, 0},
                     .settings = {kEta, kNoise, kVariance}};

void ddpm(const Sampling& s, Latents& x) {
  const double eta = s.settings[kEta], more = s.settings.text(kVariance) == "large" ? eta : 0;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, eta);
    const double fall = sigma * sigma - sigma_next * sigma_next;
    const double extra = sigma_next == 0 ? 0 : more * fall / (sigma * std::sqrt(1 + sigma * sigma));
    const double amount = s.settings[kNoise] * std::hypot(up, extra);
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = down / sigma * x + (1 - down / sigma) * denoised + amount * noise;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, ddpm);
