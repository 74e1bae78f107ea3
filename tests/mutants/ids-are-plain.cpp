// An id with a space in it.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "my mutant", .summary = "A mutant"};
CALOTYPE_SCHEDULER_ENTRY(kMutant, good_schedule);
