// Uses a function that is nowhere.
#include "good_scheduler.h"

void is_nowhere();
[[gnu::used]] static void (*const kUsed)() = &is_nowhere;
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
