// Its one symbol is hidden.
#include "good_scheduler.h"

__asm__(".hidden calotype_library");
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
