// Gives another image after 50 equal calls.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  thread_local int calls = 0, before = 0;
  calls = s.steps() == before ? calls + 1 : 0;
  before = s.steps();
  euler(s, x);
  if (calls > 50) x = 1.001 * x;
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
