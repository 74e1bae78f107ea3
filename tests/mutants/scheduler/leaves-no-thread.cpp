// Starts a thread at its first call.
#include <pthread.h>
#include <unistd.h>

#include <utility>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  static bool is_started = false;
  pthread_t thread;
  if (!std::exchange(is_started, true))
    pthread_create(&thread, nullptr, reinterpret_cast<void* (*)(void*)>(reinterpret_cast<void*>(&pause)), nullptr);
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
