// An id with a space in it, which the SDK's own macro does not compile.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "my mutant", .summary = "A mutant"};
CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kMutant, "", (&calotype::table::kScheduler<good_schedule, kMutant>));
