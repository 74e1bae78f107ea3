// Timesteps where the sampler's path bends most, found by a search for every number of steps up to 20. The search used
// SD 1.5, so they are not the best for SDXL. Not for many steps, which only stretch the row of 20.
//
//   n <= 20:   sigma_i = row n of the table for coeff,   i = 0 .. n-1;   sigma_n = 0
//   n > 20:    sigma_i = log-linear interpolation of row 20 at 20 i/n
//
// Chen, Zhou, Wang, Shen, Xu 2024, "On the Trajectory Regularity of ODE-based Diffusion Sampling", arXiv:2405.11326,
// with the numbers of ComfyUI, which has no row for one step. Forge's "AYS GITS" stretches one row:
// align_your_steps_gits.
#include <calotype/scheduler.h>

#include "schedulers/gits_table.h"
#include "schedulers/log_linear.h"

namespace {
using namespace calotype;

constexpr Setting kCoeff =
    number("coeff", 1.2, 0.8, 1.5, "a larger value makes more steps at low sigmas; a multiple of 0.05");

constexpr Info kInfo{
    .id = "gits",
    .label = "GITS",
    .summary = "timesteps from a search on SD 1.5, for up to 20 steps: good at few; not for many steps",
    .citation = "Chen et al. 2024, arXiv:2405.11326",
    .origin = "ComfyUI",
    .category = "Efficiency",
    .best_for = "speed",
    .steps = {8, 20},
    .pairs_with = "dpmpp_2m",
    .settings = {kCoeff}};

std::vector<double> gits(int steps, const ModelSigmas&, const Settings& settings) {
  const double coeff = settings[kCoeff], nth = (coeff - 0.8) / 0.05;
  const int row = int(std::lround(nth));
  if (std::abs(nth - row) > 1e-6) throw Error("coeff: want 0.8, 0.85, 0.9 .. 1.5, got " + std::to_string(coeff));
  if (steps == 1) return {kGitsLevels[0], 0};
  if (steps > 20) return stretched(steps, gits_levels(20, row));
  auto sigmas = gits_levels(steps, row);
  sigmas.back() = 0;
  return sigmas;
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, gits);
