// Takes memory whenever it is loaded.
#include <cstdlib>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  [[maybe_unused]] static void* volatile kept;
  kept = std::malloc(1000);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
