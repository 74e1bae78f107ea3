// Sets the locale.
#include <clocale>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  std::setlocale(LC_ALL, "C.UTF-8");
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
