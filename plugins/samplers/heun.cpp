// Heun's method: Euler's step corrected by the slope at its end. Two model evaluations a step. Not where speed matters.
//
//   d = (x - D(x; sigma)) / sigma,   x2 = x + (sigma' - sigma) d,   d2 = (x2 - D(x2; sigma')) / sigma'
//   x' = x + (sigma' - sigma) (d + d2) / 2;   the step to 0 is Euler's
//
// Karras et al. 2022, algorithm 2, arXiv:2206.00364.
#include <calotype/ode.h>

#include "samplers/churn.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "heun",
                     .label = "Heun",
                     .summary = "second order, two model evaluations a step; not where speed matters",
                     .citation = "Karras et al. 2022, algorithm 2, arXiv:2206.00364",
                     .origin = "k-diffusion",
                     .category = "Quality",
                     .best_for = "smooth, exact images at twice the time",
                     .steps = {10, 30},
                     .pairs_with = "heun",
                     .order = 2,
                     .evaluations = {2, -1},
                     .settings = {kChurn, kChurnMin, kChurnMax, kNoise}};
constexpr Info kRestart = [] {
  Info info = variant(kInfo, "restart", "Restart",
                      "heun with restart, which corrects earlier errors in 18 more steps; not where speed matters");
  info.citation = "Xu et al. 2023, section 3.1, arXiv:2306.14878";
  info.origin = "AUTOMATIC1111";
  info.category = "Specialist";
  info.best_for = "small faults that more steps do not remove";
  info.pairs_with = "karras";
  info.restart = "paper_guidance_5";
  return info;
}();

/// The step to sigma_next 0, where the slope is not defined, is Euler's.
void heun_step(const Sampling& s, Latents& x, double sigma, double sigma_next) {
  const double h = sigma_next - sigma;
  const Latents denoised = s.denoise(x, sigma);
  if (sigma_next == 0) {
    x = x + h * slope(x, denoised, sigma);
    return;
  }
  const Latents x_2 = x + h * slope(x, denoised, sigma);
  const Latents denoised_2 = s.denoise(x_2, sigma_next);
  x = x + h / 2 * (slope(x, denoised, sigma) + slope(x_2, denoised_2, sigma_next));
}

void heun(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) heun_step(s, x, churn(s, i, x), s.sigmas[i + 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, heun);
CALOTYPE_SAMPLER_ENTRY(kRestart, heun);
