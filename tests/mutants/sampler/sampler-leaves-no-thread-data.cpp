// Leaves data with each thread that calls it.
#include "good_sampler.h"
#include "thread_data.h"

static void mutant(const Sampling& s, Latents& x) {
  leave_data();
  euler(s, x);
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
