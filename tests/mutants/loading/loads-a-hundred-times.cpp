// Ends the process when it is loaded for the 95th time.
#include <cstdlib>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  if (!std::getenv("MUTANT")) setenv("MUTANT", " ", 1);
  if (++*std::getenv("MUTANT") == ' ' + 94) std::abort();
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
