// One alias for two entries.
#include "good_scheduler.h"

static constexpr Info kFirst{.id = "first", .aliases = {"mutant"}, .summary = "A mutant"};
static constexpr Info kSecond{.id = "second", .aliases = {"mutant"}, .summary = "A mutant"};
CALOTYPE_SCHEDULER_ENTRY(kFirst, good_schedule);
CALOTYPE_SCHEDULER_ENTRY(kSecond, good_schedule);
