// Refuses a number of steps that it recommends.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "mutant", .summary = "A mutant", .steps = {20, 30}};
static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  if (steps == 25) throw Error("not 25 steps");
  return good(steps, levels);
}
CALOTYPE_SCHEDULER_ENTRY(kMutant, mutant);
