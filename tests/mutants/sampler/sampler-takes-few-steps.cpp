// Aborts at 3 steps.
#include <cstdlib>

#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  if (s.steps() == 3) std::abort();
  euler(s, x);
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
