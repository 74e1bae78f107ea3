// Sets the mask of new files.
#include <sys/stat.h>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  umask(0);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
