// Timesteps on the smoothstep polynomial: many steps at high sigmas and at low sigmas, few between, as in beta. Not for
// few steps.
//
//   u_i = 1 - i/n,   t_i = round((T-1) u_i^2 (3 - 2 u_i)),   sigma_i = S[t_i],   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's T training sigmas. Source: stable-diffusion.cpp, "smoothstep".
#include <calotype/scheduler.h>

#include "schedulers/falling.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "smoothstep",
    .label = "Smoothstep",
    .summary = "timesteps on 3u^2 - 2u^3: steps at high and at low sigmas, as in beta; not for few steps",
    .citation = "stable-diffusion.cpp, smoothstep",
    .origin = "stable-diffusion.cpp",
    .category = "Specialized",
    .best_for = "portraits",
    .steps = {25, 50},
    .pairs_with = "dpmpp_2m"};

std::vector<double> smoothstep(int steps, const ModelSigmas& levels, const Settings&) {
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double u = 1 - double(i) / n;
        return levels.sigma(std::round((levels.count() - 1) * u * u * (3 - 2 * u)));
      },
      "with more, some timestep is chosen twice");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, smoothstep);
