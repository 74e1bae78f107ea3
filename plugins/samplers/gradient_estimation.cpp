// Gradient estimation: Euler with a slope that is extrapolated by its last change. Fewer steps than euler at the same
// cost a step. Not for 5 steps or fewer.
//
//   d_i = (x - D(x; sigma)) / sigma,   x' = x + (sigma' - sigma) (d_i + (gamma - 1) (d_i - d_(i-1)))
//   the last step is x' = D_i
//
// Permenter, Yuan 2023, "Interpreting and improving diffusion models from an optimization perspective",
// arXiv:2306.04848, with gamma 2. Of order 1; gamma 3/2 with equal steps is Adams and Bashforth's method of order 2.
#include "samplers/gradient_estimation.h"

#include "samplers/slopes.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "gradient_estimation",
                     .aliases = {"euler_ge"},
                     .label = "Gradient Estimation",
                     .summary = "euler with an extrapolated slope: few steps at euler's cost; not for 5 steps or fewer",
                     .citation = "Permenter, Yuan 2023, arXiv:2306.04848",
                     .origin = "ComfyUI",
                     .category = "Basic",
                     .best_for = "10 to 20 steps where euler is too soft",
                     .steps = {10, 30},
                     .pairs_with = "karras",
                     .order = 1,
                     .evaluations = {1, 0},
                     .settings = {kGamma}};

void gradient_estimation(const Sampling& s, Latents& x) {
  const double more = s.settings[kGamma] - 1;
  solve_by_slopes(s, x, [&](int i) -> SlopeWeights {
    const double h = s.sigmas[i + 1] - s.sigmas[i];
    if (i == 0) return {h};
    return {h * (1 + more), -h * more};
  });
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, gradient_estimation);
