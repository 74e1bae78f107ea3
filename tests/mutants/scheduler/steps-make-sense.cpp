// A range of steps whose ends are swapped.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "mutant", .summary = "A mutant", .steps = {30, 20}};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
