// Leaves data with each thread that calls it, and code of its own to take that away when the thread ends.
#include <pthread.h>

#include "good_scheduler.h"

static void take_away(void*) {}

static void leave_data() {
  static pthread_key_t key;
  static const bool is_made = pthread_key_create(&key, take_away) == 0;
  static int data = 0;
  if (is_made) pthread_setspecific(key, &data);
}

static std::vector<double> mutant(int steps, const NoiseLevels& levels, const Settings&) {
  leave_data();
  return good(steps, levels);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
