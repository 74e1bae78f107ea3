// The highest of the ten timesteps for which SDXL Turbo was distilled: 1 to 4 steps. Not for other models, because it
// stops at a high sigma.
//
//   t_i = floor((10 - i) T/10) - 1,   sigma_i = S[t_i],   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's T training sigmas. Sauer, Lorenz, Blattmann, Rombach 2023, "Adversarial Diffusion Distillation",
// arXiv:2311.17042; ComfyUI, SDTurboScheduler. Forge spreads n timesteps over all: t_i = round((n-i) T/n - 1), half to
// even.
#include <calotype/scheduler.h>

#include "schedulers/falling.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "turbo",
                     .aliases = {"sd_turbo"},
                     .label = "Turbo",
                     .summary = "the highest of ten even timesteps: SDXL Turbo in 1 to 4 steps; not for other models",
                     .citation = "Sauer et al. 2023, arXiv:2311.17042",
                     .origin = "ComfyUI",
                     .category = "Efficiency",
                     .best_for = "turbo",
                     .steps = {1, 4},
                     .pairs_with = "euler_ancestral"};

constexpr Info kForge = variant(kInfo, "turbo@forge", "",
                                "evenly spaced whole timesteps, close to sgm_uniform, as Forge; not for many steps");

std::vector<double> turbo(int steps, const ModelSigmas& levels, const Settings&) {
  return falling_to_zero(
      steps,
      [&](int i, int) {
        const int t = i < 10 ? (10 - i) * levels.count() / 10 - 1 : -1;
        return t < 0 ? kNotGiven : levels.sigma(t);
      },
      "the model was distilled on ten timesteps");
}

std::vector<double> turbo_forge(int steps, const ModelSigmas& levels, const Settings&) {
  return falling_to_zero(
      steps, [&](int i, int n) { return levels.sigma(std::nearbyint((n - i) * (double(levels.count()) / n) - 1)); },
      "with more, some timestep is chosen twice");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, turbo);
CALOTYPE_SCHEDULER_ENTRY(kForge, turbo_forge);
