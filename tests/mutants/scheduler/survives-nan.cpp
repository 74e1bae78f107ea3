// Aborts where one sigma is no number.
#include <cstdlib>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (levels.count() > 500 && std::isnan(levels.sigmas()[500]) && !std::isnan(levels.sigma_min())) std::abort();
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
