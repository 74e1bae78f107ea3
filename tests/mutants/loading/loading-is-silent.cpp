// Greets.
#include <unistd.h>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  [[maybe_unused]] const auto n = write(1, "hello\n", 6);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
