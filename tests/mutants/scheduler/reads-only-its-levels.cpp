// Reads one sigma too many at 777 steps.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  const volatile double* const sigmas = levels.sigmas().data();
  [[maybe_unused]] const double last = sigmas[steps == 777 ? levels.count() : 0];
  return good(steps, levels);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
