// Every kth timestep of the training, the cleanest first: what DDIM was published with, and SDXL's own config in
// diffusers. Not for images much darker or brighter than the mean: it never starts at the noisiest timestep.
//
//   t_i = (n-1-i) floor(T/n) + steps_offset,   sigma_i = S[t_i],   i = 0 .. n-1;   sigma_n = 0
//
// S: the T sigmas of the training. Song, Meng, Ermon 2021, "Denoising Diffusion Implicit Models",
// arXiv:2010.02502; "leading" of Lin et al. 2023, table 2, arXiv:2305.08891. ComfyUI and AUTOMATIC1111 walk on up to T,
// so where n does not divide T they may take more steps than asked; here, as in diffusers, those at the noisy end are
// left out. diffusers' DPM-Solver drops the cleanest of n+1: t_i = (n-i) floor(T/(n+1)) + steps_offset.
#include <calotype/scheduler.h>

#include "schedulers/falling.h"
#include "schedulers/spacing.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kStepsOffset = integer("steps_offset", 1, 0, 100000, "added to each").with_unit("timesteps");

constexpr Info kInfo{
    .id = "ddim_uniform",
    .aliases = {"leading", "ddim"},
    .label = "DDIM Uniform",
    .summary = "every kth timestep from the cleanest, never at full noise; not for dark or bright images",
    .citation = "Song et al. 2021, arXiv:2010.02502",
    .origin = "ComfyUI",
    .category = "Basic",
    .best_for = "general",
    .steps = {20, 50},
    .pairs_with = "euler",
    .settings = {kStepsOffset}};

constexpr Info kDpm =
    variant(kInfo, "ddim_uniform@diffusers-dpm", "",
            "ddim_uniform without its cleanest timestep, as diffusers' DPM-Solver; not for dark or bright images");

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
