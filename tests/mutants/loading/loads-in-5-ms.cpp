// Sleeps when it is loaded.
#include <unistd.h>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  usleep(6000);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
