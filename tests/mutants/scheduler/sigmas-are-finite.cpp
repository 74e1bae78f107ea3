// A number of steps for which one sigma is none.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (steps == 777) sigmas[5] = kNotGiven;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
