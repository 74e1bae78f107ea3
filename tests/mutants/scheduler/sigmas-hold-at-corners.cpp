// No numbers where a setting is at its highest.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings& settings) {
  auto sigmas = good(steps, levels);
  if (settings[kAmount] == 1) sigmas[0] = kNotGiven;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfoWithSetting, mutant);
