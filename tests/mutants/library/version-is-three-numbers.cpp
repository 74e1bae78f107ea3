// Its version is a word: CMakeLists.txt.
#include "good_scheduler.h"

CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
