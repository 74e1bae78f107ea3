// Two settings of one name.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "mutant", .summary = "A mutant", .settings = {kAmount, kAmount}};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
