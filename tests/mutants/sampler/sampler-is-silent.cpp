// Prints what it does.
#include <cstdio>

#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  std::puts("hello");
  euler(s, x);
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
