// A setting without words.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "mutant", .summary = "A mutant", .settings = {number("amount", 0, 0, 1, "")}};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
