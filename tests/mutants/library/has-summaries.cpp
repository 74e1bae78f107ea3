// No summary.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "mutant", .summary = ""};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
