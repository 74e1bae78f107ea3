// Gradient estimation with CFG++: the step of euler_cfg_pp, with a slope that is extrapolated by its last change. Not
// for guidance_scale above 3.
//
//   d_i = (x - U_i) / sigma,   x' = D_i + sigma' d_i + (gamma - 1) (sigma' - sigma) (d_i - d_(i-1))
//   the last step is x' = D_i
//
// D: denoised, U: unconditional. Permenter, Yuan 2023, algorithm 2, arXiv:2306.04848; Chung et al. 2024, "CFG++",
// algorithm 2, arXiv:2406.08070; combined as in ComfyUI.
#include <calotype/ode.h>
#include <calotype/sampler.h>

#include "samplers/gradient_estimation.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "gradient_estimation_cfg_pp",
                     .label = "Gradient Estimation CFG++",
                     .summary = "gradient_estimation with CFG++: guidance_scale 1 to 2 instead of 5 to 12; not above 3",
                     .citation = "Permenter, Yuan 2023, arXiv:2306.04848; Chung et al. 2024, arXiv:2406.08070",
                     .origin = "ComfyUI",
                     .category = "CFG++",
                     .best_for = "10 to 20 steps at low guidance",
                     .steps = {10, 30},
                     .pairs_with = "karras",
                     .needs_unconditional = true,
                     .guidance = {1, 2},
                     .order = 1,
                     .evaluations = {1, 0},
                     .settings = {kGamma}};

void gradient_estimation_cfg_pp(const Sampling& s, Latents& x) {
  Latents x_before, before;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const bool is_between = i > 0 && sigma_next > 0;
    const double more = is_between ? (s.settings[kGamma] - 1) * (sigma_next - sigma) : 0,
                 sigma_before = i > 0 ? s.sigmas[i - 1] : sigma;
    auto [denoised, unconditional] = s.denoise_guided(x, sigma);
    Latents next = std::move(x_before);  // its memory is used again
    std::swap(x_before, x);
    if (is_between)
      next = denoised + (sigma_next + more) * slope(x_before, unconditional, sigma) -
             more * slope(next, before, sigma_before);
    else
      next = denoised + sigma_next * slope(x_before, unconditional, sigma);
    x = std::move(next);
    before = std::move(unconditional);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, gradient_estimation_cfg_pp);
