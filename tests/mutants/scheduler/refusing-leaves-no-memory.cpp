// Takes memory where it is given nonsense.
#include <cstdlib>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  [[maybe_unused]] static void* volatile kept;
  if (std::isnan(levels.sigma_max())) kept = std::malloc(64);
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
