// Euler's method: one model evaluation a step, the simplest solver. Not for the sharpest image at few steps.
//
//   d = (x - D(x; sigma)) / sigma,   x' = x + (sigma' - sigma) d
//
// Karras et al. 2022, algorithm 2 without the second-order correction, arXiv:2206.00364. Equal to DDIM, Song et al.
// 2020, arXiv:2010.02502.
#include <calotype/ode.h>

#include "samplers/churn.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "euler",
                     .label = "Euler",
                     .summary = "one model evaluation a step, simple and predictable; not the sharpest at few steps",
                     .citation = "Karras et al. 2022, algorithm 2, arXiv:2206.00364",
                     .origin = "k-diffusion",
                     .category = "Basic",
                     .best_for = "predictable images, any model",
                     .steps = {15, 50},
                     .pairs_with = "euler",
                     .order = 1,
                     .evaluations = {1, 0},
                     .settings = {kChurn, kChurnMin, kChurnMax, kNoise}};

void euler(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = churn(s, i, x), sigma_next = s.sigmas[i + 1];
    const Latents denoised = s.denoise(x, sigma);
    x = x + (sigma_next - sigma) * slope(x, denoised, sigma);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, euler);
