// Writes to the sigmas.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  euler(s, x);
  const_cast<double&>(s.sigmas[0]) = 1;
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
