// DDIM: the estimate, and of its noise as much as the next level has. eta 0 is euler, eta 1 adds the noise of DDPM. One model call a
// step; not the sharpest picture at few steps.
//
//   d = (x - D(x; sigma)) / sigma,   up = eta sqrt(sigma'^2 (sigma^2 - sigma'^2) / sigma^2),   down = sqrt(sigma'^2 - up^2)
//   x' = D + down d + up z,   z ~ N(0, 1)
//
// Song, Meng, Ermon 2020, "Denoising diffusion implicit models", equations 12 and 16, arXiv:2010.02502, for latents of clean + sigma
// noise, whose scale cancels.
#include <calotype/ode.h>

#include "final_sigma.h"
#include "stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kDdimEta = number("eta", 0, 0, 1, "how much of the noise is drawn anew at each step: 0 none, 1 as much as DDPM");

constexpr Info kInfo{.id = "ddim",
                     .label = "DDIM",
                     .summary = "euler by its older name, with noise of DDPM by eta; not the sharpest at few steps",
                     .citation = "Song et al. 2020, equation 12, arXiv:2010.02502",
                     .origin = "diffusers",
                     .category = "Basic",
                     .best_for = "going back from picture to noise, and pictures of 2022, made again",
                     .steps = {20, 50},
                     .pairs_with = "simple",
                     .settings = {kDdimEta, kFinalSigma}};

void ddim(const Sampling& s, Latents& x) {
  const auto sigmas = to_final_sigma(s);
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = sigmas[i], sigma_next = sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kDdimEta]);
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(up, s, sigma, sigma_next);
    x = denoised + down * slope(x, denoised, sigma) + up * noise;
  }
  scale_from(sigmas.back(), x);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, ddim, 1, 1, 0);
