// PLMS, the linear multistep part of PNDM: Adams and Bashforth's method for equal steps, started by one of Heun's. One
// model evaluation a step and one more; the sampler of the first Stable Diffusion. Not for few steps.
//
//   d_j = (x_j - D(x_j; sigma_j)) / sigma_j
//   first step:  x2 = x + (sigma' - sigma) d_0,   x' = x + (sigma' - sigma) (d_0 + d(x2; sigma')) / 2
//   then:        x' = x + (sigma' - sigma) (55 d_i - 59 d_(i-1) + 37 d_(i-2) - 9 d_(i-3)) / 24
//   with fewer slopes the weights of fewer
//
// plms@a1111 ends at timestep 1, the lowest of AUTOMATIC1111, and scales as it does: x / sqrt(1 + final_sigma^2).
//
// Liu et al. 2022, "Pseudo numerical methods for diffusion models on manifolds", arXiv:2202.09778, without its
// Runge-Kutta steps: Crowson's form, as in latent-diffusion, A1111 and diffusers' PNDMScheduler with skip_prk_steps.
#include "samplers/final_sigma.h"
#include "samplers/slopes.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "plms",
    .aliases = {"pndm"},
    .label = "PLMS",
    .summary = "four past slopes after a step of heun, as in the first Stable Diffusion; not for few steps",
    .citation = "Liu et al. 2022, arXiv:2202.09778",
    .origin = "diffusers",
    .category = "Basic",
    .best_for = "regenerating images of 2022",
    .steps = {20, 50},
    .pairs_with = "simple",
    .order = 2,
    .evaluations = {1, 1},
    .settings = {kFinalSigma}};
consteval Info a1111_info() {
  Info info = variant(kInfo, "plms@a1111", "PLMS",
                      "plms that ends at timestep 1, as AUTOMATIC1111: a little noise remains; not for few steps");
  info.pairs_with = "ddim_uniform";
  info.order = info.evaluations[0] = info.evaluations[1] = 0;
  info.settings[0] = final_sigma_of(kSigmaAt1);
  return info;
}
constexpr Info kA1111 = a1111_info();

void plms(const Sampling& s, Latents& x) {
  Slopes d;
  const auto sigmas = until_final_sigma(s);
  for (size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double sigma = sigmas[i], sigma_next = sigmas[i + 1], scale = end_scale(sigmas, i), h = sigma_next - sigma;
    const Latents denoised = s.denoise(x, sigma);
    d.add(x, denoised, sigma);
    if (i > 0 || sigma_next == 0) {
      x = scale * x + d.sum(adams_bashforth(scale * h, int(i) + 1));
      continue;
    }
    const Latents x_2 = x + d.sum({h});
    const Latents denoised_2 = s.denoise(x_2, sigma_next);
    x = scale * x + d.sum({scale * h / 2}) + scale * h / 2 * slope(x_2, denoised_2, sigma_next);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, plms);
CALOTYPE_SAMPLER_ENTRY(kA1111, plms);
