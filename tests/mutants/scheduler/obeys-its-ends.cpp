// Has a setting for its first sigma and does not read it.
#include "good_scheduler.h"

static constexpr Info kMutant{
    .id = "mutant", .summary = "A mutant", .settings = {number("sigma_max", kNotGiven, 1e-6, 1e6, "the first sigma")}};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
