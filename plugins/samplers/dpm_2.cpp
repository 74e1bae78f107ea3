// DPM-Solver-2: the slope at the middle of the step, in log sigma, is used for the whole step. Two model evaluations a
// step. Not where speed matters.
//
//   d = (x - D(x; sigma)) / sigma,   mid = sqrt(sigma sigma'),   x2 = x + (mid - sigma) d
//   x' = x + (sigma' - sigma) (x2 - D(x2; mid)) / mid;   the step to 0 is Euler's
//
// Lu et al. 2022, "DPM-Solver", algorithm 1, arXiv:2206.00927; churn: Karras et al. 2022, algorithm 2,
// arXiv:2206.00364.
#include <calotype/ode.h>

#include "samplers/churn.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "dpm_2",
    .label = "DPM2",
    .summary = "second order from the middle of each step, two model evaluations a step; not where speed matters",
    .citation = "Lu et al. 2022, algorithm 1, arXiv:2206.00927",
    .origin = "k-diffusion",
    .category = "Quality",
    .best_for = "smooth, exact images at twice the time",
    .steps = {10, 30},
    .pairs_with = "dpm2",
    .order = 2,
    .evaluations = {2, -1},
    .settings = {kChurn, kChurnMin, kChurnMax, kNoise}};

void dpm_2(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = churn(s, i, x), sigma_next = s.sigmas[i + 1], mid = std::sqrt(sigma * sigma_next);
    const Latents denoised = s.denoise(x, sigma);
    if (sigma_next == 0) {
      x = x + (sigma_next - sigma) * slope(x, denoised, sigma);
      return;
    }
    const Latents x_2 = x + (mid - sigma) * slope(x, denoised, sigma);
    const Latents denoised_2 = s.denoise(x_2, mid);
    x = x + (sigma_next - sigma) * slope(x_2, denoised_2, mid);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpm_2);
