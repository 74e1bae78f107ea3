// The timesteps for which latent consistency models were distilled, a selection of 50: for LCM weights. Not for other
// models.
//
//   t_i = (N - floor(N i/n)) floor(T/N) - 1,   sigma_i = S[t_i],   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's T training sigmas; N: original_steps. Luo, Tan, Huang, Li, Zhao 2023, "Latent Consistency Models",
// arXiv:2310.04378; diffusers' LCMScheduler and stable-diffusion.cpp's "lcm".
#include <calotype/scheduler.h>

#include "schedulers/falling.h"

namespace {
using namespace calotype;

constexpr Setting kOriginalSteps =
    integer("original_steps", 50, 1, 1000, "number of timesteps in the distillation").with_unit("steps");

constexpr Info kInfo{.id = "lcm",
                     .label = "LCM",
                     .summary = "the timesteps of LCM distillation; not for other models, nor for more than 50 steps",
                     .citation = "Luo et al. 2023, arXiv:2310.04378",
                     .origin = "diffusers",
                     .category = "Efficiency",
                     .best_for = "lcm",
                     .steps = {4, 8},
                     .pairs_with = "lcm",
                     .settings = {kOriginalSteps}};

std::vector<double> lcm(int steps, const ModelSigmas& levels, const Settings& settings) {
  const int64_t original = settings.integer(kOriginalSteps), apart = levels.count() / original;
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const int64_t t = (original - original * i / n) * apart - 1;
        return t < 0 ? kNotGiven : levels.sigma(double(t));
      },
      "with more, some of original_steps is chosen twice");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, lcm);
