// Refuses everything.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  (void)s, (void)x;
  throw Error("no");
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
