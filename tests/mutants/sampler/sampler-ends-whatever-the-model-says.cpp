// Waits for an error that is small, which no error is that is no number.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  euler(s, x);
  while (!(s.error_norm(x, x, x, 1, 0) <= 1)) {
  }
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
