// An inline function that others see.
#include "good_scheduler.h"

extern "C" __attribute__((visibility("default"))) inline int seen_by_all() {
  return 1;
}
[[gnu::used]] static constexpr auto kUsed = &seen_by_all;
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
