// Heun's method: Euler's step corrected by the slope at its end. Two model calls a step; not where calls are what counts.
//
//   d = (x - D(x; sigma)) / sigma,   x2 = x + (sigma' - sigma) d,   d2 = (x2 - D(x2; sigma')) / sigma'
//   x' = x + (sigma' - sigma) (d + d2) / 2;   the step to 0 is Euler's
//
// Karras et al. 2022, algorithm 2, arXiv:2206.00364.
#include "heun.h"

#include "churn.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "heun",
                     .label = "Heun",
                     .summary = "second order, two model calls a step; not where calls are what counts",
                     .citation = "Karras et al. 2022, algorithm 2, arXiv:2206.00364",
                     .origin = "k-diffusion",
                     .category = "Quality",
                     .pairs_with = "heun",
                     .settings = {kChurn, kChurnMin, kChurnMax, kNoise}};

void heun(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) heun_step(s, x, churn(s, i, x), s.sigmas[i + 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, heun, 2, 2, -1);
