// Every kth training timestep, counted from the lowest: published with DDIM, and SDXL's config in diffusers. It never
// starts at the highest sigma. Not for images much darker or brighter than the mean.
//
//   t_i = (n-1-i) floor(T/n) + steps_offset,   sigma_i = S[t_i],   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's T training sigmas. Song, Meng, Ermon 2021, "Denoising Diffusion Implicit Models", arXiv:2010.02502;
// "leading" of Lin et al. 2023, table 2, arXiv:2305.08891. Departure: if n does not divide T, ComfyUI and AUTOMATIC1111
// go on up to T and may make more steps than asked for; here, as in diffusers, the highest timesteps are left out.
// diffusers' DPM-Solver drops the lowest of n+1 timesteps: t_i = (n-i) floor(T/(n+1)) + steps_offset.
#include <calotype/scheduler.h>

#include "schedulers/falling.h"
#include "schedulers/spacing.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kStepsOffset = integer("steps_offset", 1, 0, 100000, "added to each timestep").with_unit("timesteps");

constexpr Info kInfo{
    .id = "ddim_uniform",
    .aliases = {"leading", "ddim"},
    .label = "DDIM Uniform",
    .summary = "every kth timestep from the lowest, never at the highest sigma; not for dark or bright images",
    .citation = "Song et al. 2021, arXiv:2010.02502",
    .origin = "ComfyUI",
    .category = "Basic",
    .best_for = "general",
    .steps = {20, 50},
    .pairs_with = "euler",
    .settings = {kStepsOffset}};

constexpr Info kDpm =
    variant(kInfo, "ddim_uniform@diffusers-dpm", "",
            "ddim_uniform without its lowest timestep, as diffusers' DPM-Solver; not for dark or bright images");

std::vector<double> at_every_kth(std::string_view spacing, int steps, const ModelSigmas& levels,
                                 const Settings& settings) {
  const int offset = settings.integer(kStepsOffset);
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double t = spaced_timestep(spacing, i, n, levels.count(), offset);
        return t > levels.count() - 1 ? kNotGiven : levels.sigma(t);
      },
      "with more, a timestep is chosen twice or lies past the last of the training");
}

std::vector<double> ddim_uniform(int steps, const ModelSigmas& levels, const Settings& settings) {
  return at_every_kth("leading", steps, levels, settings);
}
std::vector<double> ddim_uniform_dpm(int steps, const ModelSigmas& levels, const Settings& settings) {
  return at_every_kth("leading_dpm", steps, levels, settings);
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, ddim_uniform);
CALOTYPE_SCHEDULER_ENTRY(kDpm, ddim_uniform_dpm);
