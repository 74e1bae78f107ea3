// iPNDM: Adams and Bashforth's method with the weights of equal steps. Fourth order in form from one model evaluation a
// step; good at 8 to 20 steps. Not for strong guidance.
//
//   d_j = (x_j - D(x_j; sigma_j)) / sigma_j
//   x' = x + (sigma' - sigma) (55 d_i - 59 d_(i-1) + 37 d_(i-2) - 9 d_(i-3)) / 24
//
// The first steps have the weights for fewer slopes. The last, to 0, is x' = D; in ipndm@forge, and so in
// stable-diffusion.cpp, it is like the others. Zhang, Chen 2022, "Fast sampling of diffusion models with exponential
// integrator", section 4, arXiv:2204.13902; Liu et al. 2022, "Pseudo numerical methods", arXiv:2202.09778.
#include "samplers/slopes.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kOrder = integer("order", kMostSlopes, 1, kMostSlopes, "number of slopes; 1 is euler");

constexpr Info kInfo{
    .id = "ipndm",
    .label = "iPNDM",
    .summary = "four past slopes with weights for equal steps, one evaluation a step; not for strong guidance",
    .citation = "Zhang, Chen 2022, section 4, arXiv:2204.13902",
    .origin = "ComfyUI",
    .category = "Basic",
    .best_for = "8 to 20 steps without strong guidance",
    .steps = {8, 30},
    .pairs_with = "karras",
    .order = 2,
    .evaluations = {1, 0},
    .settings = {kOrder}};
constexpr Info kForge = variant(kInfo, "ipndm@forge", "iPNDM (Forge)",
                                "ipndm with past slopes in the last step too; not for strong guidance");

void pass(const Sampling& s, Latents& x, LastStep last) {
  const int order = int(s.settings.integer(kOrder));
  solve_by_slopes(
      s, x, [&](int i) { return adams_bashforth(s.sigmas[i + 1] - s.sigmas[i], std::min(i + 1, order)); }, last);
}

void ipndm(const Sampling& s, Latents& x) {
  pass(s, x, LastStep::takes_denoised);
}
void ipndm_forge(const Sampling& s, Latents& x) {
  pass(s, x, LastStep::is_as_others);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, ipndm);
CALOTYPE_SAMPLER_ENTRY(kForge, ipndm_forge);
