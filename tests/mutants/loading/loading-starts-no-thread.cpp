// Starts a thread the first time that it is loaded.
#include <pthread.h>
#include <unistd.h>

#include <cstdlib>

#include "good_scheduler.h"

[[gnu::constructor]] static void when_loaded() {
  if (std::getenv("MUTANT")) return;
  setenv("MUTANT", "1", 1);
  pthread_t thread;
  pthread_create(&thread, nullptr, reinterpret_cast<void* (*)(void*)>(reinterpret_cast<void*>(&pause)), nullptr);
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
