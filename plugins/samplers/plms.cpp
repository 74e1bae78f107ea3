// PLMS, the linear multistep part of PNDM: Adams and Bashforth's method for equal steps, started by one of Heun's. One model call a
// step and one more; what the first Stable Diffusion was shown with. Not for few steps.
//
//   d_j = (x_j - D(x_j; sigma_j)) / sigma_j,   first step: x2 = x + (sigma' - sigma) d_0, x' = x + (sigma' - sigma) (d_0 + d(x2; sigma')) / 2
//   x' = x + (sigma' - sigma) (55 d_i - 59 d_(i-1) + 37 d_(i-2) - 9 d_(i-3)) / 24, with fewer slopes the rows of fewer
//
// Liu et al. 2022, "Pseudo numerical methods for diffusion models on manifolds", arXiv:2202.09778, without its
// Runge-Kutta steps: Crowson's form, as in latent-diffusion, A1111 and diffusers' PNDMScheduler with skip_prk_steps.
#include "slopes.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "plms",
                     .aliases = {"pndm"},
                     .label = "PLMS",
                     .summary = "four past slopes, started by a step of Heun's; the first Stable Diffusion's; not for few steps",
                     .citation = "Liu et al. 2022, arXiv:2202.09778",
                     .origin = "diffusers",
                     .category = "Basic",
                     .best_for = "pictures of 2022, made again",
                     .steps = {20, 50},
                     .pairs_with = "simple"};

void plms(const Sampling& s, Latents& x) {
  Slopes d;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = sigma_next - sigma;
    const Latents denoised = s.denoise(x, sigma);
    d.add(x, denoised, sigma);
    if (i > 0 || sigma_next == 0) {
      x = x + d.sum(adams_bashforth(h, i + 1));
      continue;
    }
    const Latents x_2 = x + d.sum({h});
    const Latents denoised_2 = s.denoise(x_2, sigma_next);
    x = x + d.sum({h / 2}) + h / 2 * slope(x_2, denoised_2, sigma_next);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, plms, 2, 1, 1);
