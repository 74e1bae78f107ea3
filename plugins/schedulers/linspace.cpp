// Timesteps evenly spaced over the whole training, as in diffusers: normal with other numbers between timesteps. Not
// for few steps, because one of them goes to the lowest sigma.
//
//   t_i = (T-1) (1 - i/(n-1)),   sigma_i = S(t_i),   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's T training sigmas, linear between timesteps (Euler, Heun, LMS). DDIM rounds to whole timesteps.
// DPM-Solver and UniPC round the timesteps of one more step and drop the lowest: t_i = round((T-1) (1 - i/n)). Half
// rounds to even. Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed", table 2,
// arXiv:2305.08891.
#include <calotype/scheduler.h>

#include "schedulers/falling.h"
#include "schedulers/spacing.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "linspace",
    .label = "Linspace",
    .summary = "evenly spaced timesteps, sigma linear between: normal as in diffusers; not for few steps",
    .citation = "Lin et al. 2023, table 2, arXiv:2305.08891",
    .origin = "diffusers",
    .category = "Basic",
    .best_for = "general",
    .steps = {20, 50},
    .pairs_with = "euler"};

constexpr Info kDdim =
    variant(kInfo, "linspace@diffusers-ddim", "", "linspace in whole timesteps, as diffusers' DDIM; not for few steps");
constexpr Info kDpm =
    variant(kInfo, "linspace@diffusers-dpm", "linspace@diffusers-unipc",
            "linspace in whole timesteps without the lowest, as diffusers' DPM-Solver; not for many steps");

std::vector<double> linspace(int steps, const ModelSigmas& levels, const Settings&) {
  return falling_to_zero(
      steps, [&](int i, int n) { return levels.sigma_linear(spaced_timestep("linspace", i, n, levels.count(), 0)); },
      "sigmas of the training run out");
}

/// The highest `steps` of steps + more whole timesteps.
std::vector<double> rounded(int steps, int more, const ModelSigmas& levels) {
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const int last = n + more - 1;
        return levels.sigma(last ? std::nearbyint((last - i) * (double(levels.count() - 1) / last))
                                 : levels.count() - 1);
      },
      "with more, some timestep is chosen twice");
}
std::vector<double> linspace_ddim(int steps, const ModelSigmas& levels, const Settings&) {
  return rounded(steps, 0, levels);
}
std::vector<double> linspace_dpm(int steps, const ModelSigmas& levels, const Settings&) {
  return rounded(steps, 1, levels);
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, linspace);
CALOTYPE_SCHEDULER_ENTRY(kDdim, linspace_ddim);
CALOTYPE_SCHEDULER_ENTRY(kDpm, linspace_dpm);
