// A number of steps for which a little noise is left.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (steps == 777) sigmas.back() = 0.001;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
