// Noise levels optimized for SDXL at 10 steps, interpolated for others: good pictures from few steps. Not for models with
// other noise levels than SDXL's: the table does not adapt.
//
//   sigma_i = exp(log-linear interpolation of the 11 points at 10 i/n),   i = 0 .. n-1;   sigma_n = 0
//
// Sabour, Fidler, Kreis 2024, "Align Your Steps: Optimizing Sampling Schedules in Diffusion Models", arXiv:2404.14507. The
// full digits are SDXL's noise levels at the authors' timesteps 999 845 730 587 443 310 193 116 53 13 0, as in ComfyUI and
// stable-diffusion.cpp; AUTOMATIC1111 interpolates the three digits of the authors' page to n points instead of n+1.
#include <calotype/scheduler.h>

#include <algorithm>

#include "falling.h"

namespace {
using namespace calotype;

constexpr double kTable[] = {14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141,
                             0.5550693289,  0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582};

constexpr Info kInfo{.id = "align_your_steps",
                     .aliases = {"ays"},
                     .label = "Align Your Steps",
                     .summary = "noise levels optimized for SDXL at about 10 steps; not for models with other noise levels",
                     .citation = "Sabour et al. 2024, arXiv:2404.14507",
                     .category = "Efficiency",
                     .best_for = "speed",
                     .steps = {12, 20},
                     .pairs_with = "dpmpp_2m_sde"};

std::vector<double> align_your_steps(int steps, const NoiseLevels&, const Settings&) {
  return falling_to_zero(
      steps,
      [](int i, int n) {
        const double place = 10.0 * i / n;
        const int k = std::min(int(place), 9);
        return kTable[k] * std::pow(kTable[k + 1] / kTable[k], place - k);
      },
      "noise levels of the table run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, align_your_steps);
