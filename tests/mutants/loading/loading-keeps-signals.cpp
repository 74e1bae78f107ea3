// Ignores a signal.
#include <csignal>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  std::signal(SIGUSR1, SIG_IGN);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
