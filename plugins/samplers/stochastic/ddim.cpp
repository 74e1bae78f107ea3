// DDIM: denoised, and the part of its noise that the next sigma needs. eta 0 is euler, eta 1 adds the noise of DDPM.
// One model evaluation a step. Not for the sharpest image at few steps.
//
//   d = (x - D(x; sigma)) / sigma,   up = eta sqrt(sigma'^2 (sigma^2 - sigma'^2) / sigma^2)
//   x' = D + down d + up z,   down = sqrt(sigma'^2 - up^2),   z ~ N(0, 1)
//
// If final_sigma is not 0, the pass ends there, and the result is scaled as in diffusers: x / sqrt(1 + final_sigma^2).
// ddim@a1111 ends at timestep 1, the lowest of AUTOMATIC1111, whose last timestep starts no step.
//
// Song, Meng, Ermon 2020, "Denoising diffusion implicit models", equations 12 and 16, arXiv:2010.02502, for latents of
// clean + sigma noise, where the paper's scale cancels.
#include <calotype/ode.h>

#include "samplers/final_sigma.h"
#include "samplers/stochastic.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "ddim",
    .label = "DDIM",
    .summary = "euler under its older name, with DDPM's noise if eta is 1; not the sharpest at few steps",
    .citation = "Song et al. 2020, equation 12, arXiv:2010.02502",
    .origin = "diffusers",
    .category = "Basic",
    .best_for = "inverting an image to noise, regenerating images of 2022",
    .steps = {20, 50},
    .pairs_with = "simple",
    .order = 1,
    .evaluations = {1, 0},
    .settings = {kEtaOfNone, kFinalSigma}};
consteval Info a1111_info() {
  Info info = variant(kInfo, "ddim@a1111", "DDIM",
                      "ddim that ends at timestep 1, as AUTOMATIC1111: a little noise remains; not the sharpest");
  info.pairs_with = "ddim_uniform";
  info.order = info.evaluations[0] = info.evaluations[1] = 0;
  info.settings[1] = final_sigma_of(kSigmaAt1);
  return info;
}
constexpr Info kA1111 = a1111_info();

void ddim(const Sampling& s, Latents& x) {
  const auto sigmas = until_final_sigma(s);
  for (size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double sigma = sigmas[i], sigma_next = sigmas[i + 1], scale = end_scale(sigmas, i);
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kEtaOfNone]);
    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(up, s, sigma, sigma_next);
    x = scale * (denoised + down * slope(x, denoised, sigma) + up * noise);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, ddim);
CALOTYPE_SAMPLER_ENTRY(kA1111, ddim);
