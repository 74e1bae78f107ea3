// DPM-Solver++ in groups: two or three steps of the schedule form one step of the solver, which uses nothing from
// before the group. More stable than dpmpp_2m under strong guidance at the same model evaluations. Not for fewer than
// 10 steps; latents halfway through a group are coarse.
//
//   a group starts at sigma_0 with x_0 and D_0;   h = ln(sigma_0 / sigma'),   r = ln(sigma_0 / sigma_k) / h
//   x' = sigma'/sigma_0 x_0 + (1 - e^-h) D_0 + c (D_k - D_0) / r
//   k = 0: c = 0;   k = 1: c = (1 - e^-h) / 2;   k = 2: c = (e^-h - 1)/h + 1;   the last step is x' = D
//
// Lu et al. 2022, "DPM-Solver++", algorithm 1, and its third-order form, arXiv:2211.01095. The sigmas of the inner
// model evaluations come from the schedule, as in diffusers' DPMSolverSinglestepScheduler.
#include <calotype/sampler.h>

#include <array>
#include <cmath>

namespace {
using namespace calotype;

constexpr int kMost = 3;
constexpr Setting kOrder = integer("order", 2, 1, kMost, "number of steps in a group; 1 is ddim");

constexpr Info kInfo{
    .id = "dpmpp_singlestep",
    .aliases = {"dpmsolver_singlestep"},
    .label = "DPM++ Singlestep",
    .summary = "second or third order in groups of steps: stable under strong guidance; not for fewer than 10 steps",
    .citation = "Lu et al. 2022, algorithm 1, arXiv:2211.01095",
    .origin = "diffusers",
    .category = "Structure",
    .best_for = "strong guidance, 15 steps and more",
    .steps = {15, 40},
    .pairs_with = "karras",
    .order = 2,
    .evaluations = {1, 0},
    .settings = {kOrder}};

void dpmpp_singlestep(const Sampling& s, Latents& x) {
  const int order = int(s.settings.integer(kOrder));
  Latents start;
  std::array<Latents, kMost> d;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const int k = i % order;
    d[k] = s.denoise(x, s.sigmas[i]);
    if (k == 0) std::swap(start, x);
    const double sigma = s.sigmas[i - k], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next),
                 e = std::expm1(-h);
    const double c = k == 0 ? 0 : (k == 1 ? -e / 2 : e / h + 1) * h / std::log(sigma / s.sigmas[i]);
    x = sigma_next / sigma * start - e * d[0] + c * (d[k] - d[0]);
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_singlestep);
