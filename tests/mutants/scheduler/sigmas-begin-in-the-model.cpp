// A number of steps for which it starts with twice the noise of the model.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (steps == 777) sigmas[0] *= 2;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
