// Takes memory for every image.
#include <cstdlib>

#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  euler(s, x);
  [[maybe_unused]] static void* volatile kept;
  kept = std::malloc(64);
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
