// Timesteps evenly spaced from the noisiest, without the clean end: what distilled models (SDXL Lightning, Turbo) were
// trained for. Not for many steps: the last one jumps far.
//
//   t_i = (T-1) (1 - i/n),   sigma_i = S(t_i),   i = 0 .. n-1;   sigma_n = 0
//
// S: the T noise levels of the training, log-linear between timesteps. Stability AI, generative-models; "trailing" of
// Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed", table 2, arXiv:2305.08891.
#include <calotype/scheduler.h>

#include "falling.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "sgm_uniform",
                     .aliases = {"uniform"},
                     .label = "SGM Uniform",
                     .summary = "timesteps evenly spaced without the clean end: distilled models; not for many steps",
                     .citation = "Lin et al. 2023, table 2, arXiv:2305.08891",
                     .category = "Efficiency",
                     .best_for = "lightning",
                     .steps = {6, 10},
                     .pairs_with = "euler"};

std::vector<double> sgm_uniform(int steps, const NoiseLevels& levels, const Settings&) {
  return falling_to_zero(
      steps, [&](int i, int n) { return levels.sigma((levels.count() - 1) * (1 - double(i) / n)); },
      "noise levels of the training run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, sgm_uniform);
