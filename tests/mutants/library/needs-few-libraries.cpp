// Linked with zlib, which it does not use: CMakeLists.txt.
#include "good_scheduler.h"

CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
