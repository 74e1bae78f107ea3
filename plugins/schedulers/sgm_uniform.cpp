// Timesteps evenly spaced from the noisiest one, without the lowest: the steps for which distilled models (SDXL
// Lightning, Turbo) were trained. Not for many steps, because the last step is long.
//
//   t_i = (1 - i/n) t(sigma_max),   sigma_i = S(t_i),   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's T training sigmas, log-linear between timesteps; t: the inverse of S. Stability AI, generative-models;
// "trailing" of Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed", table 2,
// arXiv:2305.08891. diffusers rounds to whole timesteps: t_i = round(T - i T/n) - 1, half to even.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "sgm_uniform",
                     .label = "SGM Uniform",
                     .summary = "timesteps evenly spaced without the lowest: for distilled models; not for many steps",
                     .citation = "Lin et al. 2023, table 2, arXiv:2305.08891",
                     .origin = "ComfyUI",
                     .category = "Efficiency",
                     .best_for = "lightning",
                     .steps = {6, 10},
                     .pairs_with = "euler",
                     .settings = {kSigmaMax}};

constexpr Info kTrailing = with_settings(
    variant(kInfo, "sgm_uniform@diffusers", "trailing",
            "sgm_uniform in whole timesteps, up to one lower: trailing of diffusers; not for many steps"));

std::vector<double> sgm_uniform(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto range = range_to_least(steps, levels, settings);
  const double first = levels.timestep(range.max);
  return falling_to_zero(
      steps, [&](int i, int n) { return levels.sigma(first * (1 - double(i) / n)); }, "sigmas below sigma_max run out");
}

std::vector<double> trailing(int steps, const ModelSigmas& levels, const Settings&) {
  return falling_to_zero(
      steps, [&](int i, int n) { return levels.sigma(spaced_timestep("trailing", i, n, levels.count(), 0)); },
      "with more, some timestep is chosen twice");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, sgm_uniform);
CALOTYPE_SCHEDULER_ENTRY(kTrailing, trailing);
