// Sigmas that start and end gently: in ln(sigma), s^2 (3 - 2 s) takes the place of the straight line of
// `exponential`.
#include <calotype/scheduler.h>

#include <cmath>

namespace {
using namespace calotype;

constexpr auto kStrength = number("strength", 1, 0, 1, "0: the straight line of exponential; 1: eased all the way");
constexpr Info kInfo{.id = "ease",
                     .summary = "Starts and ends gently; wants 12 steps or more",
                     .pairs_with = "dpmpp_2m",  // the sampler of a config that names none
                     .settings = {kStrength}};

std::vector<double> schedule(int steps, const ModelSigmas& levels, const Settings& settings) {
  std::vector<double> sigmas;
  for (int i = 0; i < steps; ++i) {
    const double s = steps > 1 ? double(i) / (steps - 1) : 0;
    const double eased = s + settings[kStrength] * (s * s * (3 - 2 * s) - s);
    sigmas.push_back(levels.sigma_max() * std::pow(levels.sigma_min() / levels.sigma_max(), eased));
  }
  sigmas.push_back(0);
  return sigmas;
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, schedule);
