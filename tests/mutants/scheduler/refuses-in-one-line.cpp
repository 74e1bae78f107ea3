// Ends its message with a full stop.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (steps == 777) throw Error("not 777 steps.");
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
