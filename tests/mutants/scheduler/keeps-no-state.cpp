// Gives other numbers after a call with other steps.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  static int before = 0;
  if (before && before != steps) sigmas[0] *= 0.9999;
  before = steps;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
