// Makes denormals 0.
#include <xmmintrin.h>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  _mm_setcsr(_mm_getcsr() | 0x8000);
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
