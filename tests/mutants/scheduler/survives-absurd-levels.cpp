// Ends the process where a model has one sigma.
#include <cstdlib>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (levels.count() == 1) std::exit(3);
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
