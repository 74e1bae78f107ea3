// Misspells a member of its manifest.
#include "good_scheduler.h"

CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kInfo, ",\"summry\":\"Better\"",
               (&calotype::table::kScheduler<good_schedule, kInfo>));
