// Heun++: Euler's step with a mean of three slopes, at sigma and the next two sigmas; the later ones count less as
// sigma falls. Three model evaluations a step. Not where speed matters.
//
//   d = (x - D(x; sigma)) / sigma,   x2 = x + (sigma' - sigma) d,   x3 = x2 + (sigma'' - sigma') d2
//   x' = x + (sigma' - sigma) ((1 - w2 - w3) d + w2 d2 + w3 d3)
//   w2 = sigma' / (3 sigma_0),   w3 = sigma'' / (3 sigma_0)
//
// The last step but one has w2 = sigma' / (2 sigma_0) and no w3, the last is Euler's. Order 1. Carzit 2024,
// sd-webui-samplers-scheduler; churn: Karras et al. 2022, algorithm 2, arXiv:2206.00364.
#include <calotype/ode.h>

#include "samplers/churn.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "heunpp2",
    .label = "HeunPP2",
    .summary = "three model evaluations a step, closer to euler as sigma falls; not where speed matters",
    .citation = "Carzit 2024, sd-webui-samplers-scheduler",
    .origin = "ComfyUI",
    .category = "Quality",
    .best_for = "very few steps of an undistilled model",
    .steps = {5, 20},
    .pairs_with = "heun",
    .order = 1,
    .evaluations = {3, -3},
    .settings = {kChurn, kChurnMin, kChurnMax, kNoise}};

void heunpp2(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = churn(s, i, x), to = s.sigmas[i + 1], h = to - sigma;
    const double to_2 = to > 0 ? s.sigmas[i + 2] : 0, w = s.sigmas[0] * (to_2 > 0 ? 3 : 2);
    const Latents denoised = s.denoise(x, sigma);
    if (to == 0) {
      x = x + h * slope(x, denoised, sigma);
      return;
    }
    const Latents x_2 = x + h * slope(x, denoised, sigma);
    const Latents denoised_2 = s.denoise(x_2, to);
    if (to_2 == 0) {
      x = x + h * (1 - to / w) * slope(x, denoised, sigma) + h * to / w * slope(x_2, denoised_2, to);
      continue;
    }
    const Latents x_3 = x_2 + (to_2 - to) * slope(x_2, denoised_2, to);
    const Latents denoised_3 = s.denoise(x_3, to_2);
    x = x + h * (1 - to / w - to_2 / w) * slope(x, denoised, sigma) + h * to / w * slope(x_2, denoised_2, to) +
        h * to_2 / w * slope(x_3, denoised_3, to_2);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, heunpp2);
