// Leaves a file open.
#include <fcntl.h>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  open("/dev/null", O_RDONLY);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
