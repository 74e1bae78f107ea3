// Gives other numbers after 50 equal calls.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  thread_local int calls = 0, before = 0;
  calls = steps == before ? calls + 1 : 0;
  before = steps;
  if (calls > 50) sigmas[0] *= 0.9999;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
