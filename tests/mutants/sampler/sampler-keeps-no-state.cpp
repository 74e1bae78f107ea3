// Gives another image after a call with other steps.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  static int before = 0;
  euler(s, x);
  if (before && before != s.steps()) x = 1.001 * x;
  before = s.steps();
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
