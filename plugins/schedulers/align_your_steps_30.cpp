// Align Your Steps with 31 timesteps instead of 11, at the model's own sigmas. Not for fewer than 10 steps.
//
//   sigma_i = exp(log-linear interpolation of S[t_0 .. t_30] at 30 i/n),   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's training sigmas. After Sabour, Fidler, Kreis 2024, arXiv:2404.14507; the timesteps are Koitenshin's,
// as in pamparamm's ComfyUI-ppm. Its "ays_30+" stretches them to n points and makes one more step from the last:
// align_your_steps_30@ppm. Its "ays_30" uses the table of 11 by mistake.
#include <calotype/scheduler.h>

#include "schedulers/log_linear.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr int kTimesteps[] = {999, 953, 904, 850, 813, 777, 738, 695, 650, 602, 556, 510, 462, 417, 374, 331,
                              290, 250, 214, 182, 155, 131, 108, 85,  66,  49,  32,  20,  12,  3,   0};

constexpr Info kInfo{
    .id = "align_your_steps_30",
    .aliases = {"ays_30"},
    .label = "Align Your Steps 30",
    .summary = "align_your_steps from 31 timesteps of the model: for 20 steps and more; not for fewer than 10",
    .citation = "Koitenshin 2024, AUTOMATIC1111 pull request 15751",
    .origin = "ComfyUI-ppm",
    .category = "Efficiency",
    .best_for = "quality",
    .steps = {20, 32},
    .pairs_with = "dpmpp_2m_sde"};

constexpr Info kPpm =
    variant(kInfo, "align_your_steps_30@ppm", "",
            "align_your_steps_30 with one more step at the lowest sigma, as ComfyUI-ppm; not for fewer than 10 steps");

std::vector<double> table(const ModelSigmas& levels) {
  std::vector<double> out;
  for (const int t : kTimesteps) out.push_back(levels.sigma(double(t) * (levels.count() - 1) / kTimesteps[0]));
  return out;
}

std::vector<double> align_your_steps_30(int steps, const ModelSigmas& levels, const Settings&) {
  return stretched(steps, table(levels));
}
std::vector<double> align_your_steps_30_ppm(int steps, const ModelSigmas& levels, const Settings&) {
  return stretched_whole(steps, table(levels));
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, align_your_steps_30);
CALOTYPE_SCHEDULER_ENTRY(kPpm, align_your_steps_30_ppm);
