// A function of its own that others see.
#include "good_scheduler.h"

extern "C" __attribute__((visibility("default"))) int seen_by_all() {
  return 1;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
