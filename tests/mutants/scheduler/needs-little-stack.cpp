// Has a large array on its stack for 1,000 steps.
#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (steps == 1000) {
    volatile char large[600 << 10];
    for (size_t i = 0; i < sizeof large; i += 1024) large[i] = 1;
  }
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
