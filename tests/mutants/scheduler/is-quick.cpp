// Sleeps at 100 steps.
#include <unistd.h>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (steps == 100) usleep(150000);
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
