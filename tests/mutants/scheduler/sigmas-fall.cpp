// A number of steps for which two sigmas are equal.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (steps == 777) sigmas[1] = sigmas[0];
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
