// No numbers where a setting is about its middle.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings& settings) {
  auto sigmas = good(steps, levels);
  if (settings[kAmount] > 0.2 && settings[kAmount] < 0.8) sigmas[0] = kNotGiven;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfoWithSetting, mutant);
