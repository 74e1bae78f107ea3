// Training timesteps with a choice of spacing: normal, under the names of the samplers that use it. Not for few steps,
// because "linspace" spends one of them at the lowest sigma.
//
//   sigma_i = S(t_i),   i = 0 .. n-1;   sigma_n = 0;   t_i: spacing.h
//
// S: the model's training sigmas, log-linear between timesteps, or linear as in diffusers. The defaults give "normal"
// of ComfyUI. Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed", table 2,
// arXiv:2305.08891.
#include <calotype/scheduler.h>

#include "schedulers/falling.h"
#include "schedulers/spacing.h"

namespace {
using namespace calotype;

constexpr Setting kSpacing =
    choice("spacing", "linspace", "linspace|leading|leading_dpm|trailing",
           "linspace: both ends included; leading: SDXL's config in diffusers; leading_dpm: the same for diffusers' "
           "DPM-Solver; trailing: without the lowest timestep");
constexpr Setting kStepsOffset =
    integer("steps_offset", 1, 0, 100000, "added to each timestep of the leading spacings").with_unit("timesteps");
constexpr Setting kInterpolation =
    choice("interpolation", "log", "log|linear", "between timesteps: log sigma, or sigma as in diffusers");

consteval Info entry(std::string_view id, std::string_view alias, std::string_view sampler, std::string_view category,
                     std::string_view best_for, int fewest, int most) {
  return {.id = id,
          .aliases = {alias},
          .label = "Normal",
          .summary = "normal under the name of its sampler, with a choice of diffusers' spacings; not for few steps",
          .citation = "Lin et al. 2023, table 2, arXiv:2305.08891",
          .origin = "diffusers",
          .category = category,
          .best_for = best_for,
          .steps = {fewest, most},
          .pairs_with = sampler,
          .settings = {kSpacing, kStepsOffset, kInterpolation}};
}

constexpr Info kDpm2m = entry("dpm_pp_2m", "dpmpp_2m", "dpmpp_2m", "DPM", "general", 20, 40);
constexpr Info kEulerA = entry("euler_a", "euler_ancestral", "euler_ancestral", "Euler", "creative", 15, 30);
constexpr Info kEuler = entry("euler", "euler_discrete", "euler", "Euler", "testing", 8, 25);
constexpr Info kHeun = entry("heun", "", "heun", "Advanced", "quality", 15, 30);
constexpr Info kDpm2 = entry("dpm2", "kdpm2", "dpm_2", "Advanced", "quality", 20, 35);
constexpr Info kLms = entry("lms", "", "lms", "Basic", "stable", 20, 40);

std::vector<double> timesteps(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto spacing = settings.text(kSpacing);
  const int offset = settings.integer(kStepsOffset);
  const bool linear = settings.text(kInterpolation) == "linear";
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double t = spaced_timestep(spacing, i, n, levels.count(), offset);
        if (t > levels.count() - 1) return kNotGiven;
        return linear ? levels.sigma_linear(t) : levels.sigma(t);
      },
      "with more, a timestep is chosen twice or lies past the last of the training");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kDpm2m, timesteps);
CALOTYPE_SCHEDULER_ENTRY(kEulerA, timesteps);
CALOTYPE_SCHEDULER_ENTRY(kEuler, timesteps);
CALOTYPE_SCHEDULER_ENTRY(kHeun, timesteps);
CALOTYPE_SCHEDULER_ENTRY(kDpm2, timesteps);
CALOTYPE_SCHEDULER_ENTRY(kLms, timesteps);
