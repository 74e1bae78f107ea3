// Gives other numbers when it is loaded again.
#include <dlfcn.h>

#include <cstdlib>

#include "good_scheduler.h"

static bool is_loaded_again = false;
[[gnu::constructor]] static void when_loaded() {
  Dl_info own;
  dladdr(reinterpret_cast<void*>(&when_loaded), &own);
  is_loaded_again = std::getenv(own.dli_fname);
  if (!is_loaded_again) setenv(own.dli_fname, "loaded", 1);
}
static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (is_loaded_again) sigmas[0] *= 0.9999;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
