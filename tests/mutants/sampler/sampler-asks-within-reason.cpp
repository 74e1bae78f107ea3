// Asks the model where no noise is left.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  euler(s, x);
  s.denoise(x, 0);
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
