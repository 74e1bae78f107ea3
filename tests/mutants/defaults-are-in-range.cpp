// A default that no user could give.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "mutant", .summary = "A mutant", .settings = {number("amount", 2, 0, 1, "what it is")}};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
