// Two settings of one name, which the SDK's own macro does not compile.
#include "good_scheduler.h"

static constexpr Info kMutant{.id = "mutant", .summary = "A mutant", .settings = {kAmount, kAmount}};
CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kMutant, "", (&calotype::table::kScheduler<good_schedule, kMutant>));
