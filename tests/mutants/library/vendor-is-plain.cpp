// Its vendor has a space in it: CMakeLists.txt.
#include "good_scheduler.h"

CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
