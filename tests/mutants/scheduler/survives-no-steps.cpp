// Never returns where there are no steps.
#include <unistd.h>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  while (steps == 0) pause();
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
