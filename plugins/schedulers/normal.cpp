// Timesteps evenly spaced over the whole training, both ends included: a good first try. Not for few steps, because one
// step goes to the lowest sigma, where little is left to do.
//
//   t_i = (1 - i/(n-1)) t(sigma_max) + i/(n-1) t(sigma_min),   sigma_i = S(t_i),   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's training sigmas, log-linear between timesteps; t: the inverse of S. k-diffusion's get_sigmas; "normal"
// in ComfyUI, "Uniform" in AUTOMATIC1111, "discrete" in stable-diffusion.cpp.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "normal",
                     .aliases = {"uniform", "discrete"},
                     .label = "Normal",
                     .summary = "timesteps evenly spaced over the training, both ends included; not for few steps",
                     .citation = "Crowson, k-diffusion, DiscreteSchedule.get_sigmas",
                     .origin = "k-diffusion",
                     .category = "Basic",
                     .best_for = "general",
                     .steps = {20, 50},
                     .pairs_with = "euler",
                     .settings = {kSigmaMin, kSigmaMax}};

std::vector<double> normal(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto range = model_range(steps, levels, settings);
  const double first = levels.timestep(range.max), last = levels.timestep(range.min);
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double part = n == 1 ? 0 : double(i) / (n - 1);
        return levels.sigma((1 - part) * first + part * last);
      },
      "sigmas between sigma_min and sigma_max run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, normal);
