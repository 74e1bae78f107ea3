// Leaves a file open at its first call.
#include <fcntl.h>

#include "good_scheduler.h"

static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  static int file = open("/dev/null", O_RDONLY);
  if (file < 0) sigmas.clear();
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
