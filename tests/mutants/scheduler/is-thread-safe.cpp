// Gives other numbers on other threads.
#include <unistd.h>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (gettid() != getpid()) sigmas[0] *= 0.9999;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
