// Aborts where the highest sigma is infinite.
#include <cstdlib>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (std::isinf(levels.sigma_max())) std::abort();
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
