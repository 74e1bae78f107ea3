// An entry with nothing behind it.
#include "good_scheduler.h"

CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kInfo, "", nullptr);
