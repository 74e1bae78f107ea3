// RES multistep: solves the linear part of the ODE exactly, with denoised on the line through its last two values.
// Sharp from few model evaluations. Not for 5 steps or fewer.
//
//   h = ln(sigma / sigma'),   c = -h_before / h,   phi1 = (1 - e^-h) / h,   phi2 = (1 - phi1) / h
//   x' = e^-h x + h ((phi1 - phi2/c) D_i + phi2/c D_(i-1));   the first step is Euler's, the last x' = D_i
//
// Zhang et al. 2023, "Improved order analysis and design of exponential integrator for diffusion models sampling",
// arXiv:2308.02157, the multistep method of order 2.
#include "samplers/res_multistep.h"

#include <calotype/sampler.h>

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "res_multistep",
                     .label = "RES Multistep",
                     .summary = "second order from one model evaluation a step: crisp images; not for 5 steps or fewer",
                     .citation = "Zhang et al. 2023, arXiv:2308.02157",
                     .origin = "ComfyUI",
                     .category = "Structure",
                     .best_for = "distilled models and 12 to 30 steps",
                     .steps = {10, 30},
                     .pairs_with = "dpm_pp_2m_karras",
                     .order = 2,
                     .evaluations = {1, 0}};

void res_multistep(const Sampling& s, Latents& x) {
  Latents before;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    Latents denoised = s.denoise(x, sigma);
    if (i == 0) {
      x = sigma_next / sigma * x + (1 - sigma_next / sigma) * denoised;
    } else {
      const auto [a, b1, b2] = res_step(sigma, sigma_next, std::log(sigma / s.sigmas[i - 1]));
      x = a * x + b1 * denoised + b2 * before;
    }
    before = std::move(denoised);
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, res_multistep);
