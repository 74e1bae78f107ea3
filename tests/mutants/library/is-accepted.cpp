// Of a tier that no host knows.
#include "good_scheduler.h"

CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 3u, kInfo, "", (&calotype::table::kScheduler<good_schedule, kInfo>));
