// Gives another image on another thread.
#include <unistd.h>

#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  euler(s, x);
  if (gettid() != getpid()) x = 1.001 * x;
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
