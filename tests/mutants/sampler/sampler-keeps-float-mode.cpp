// Makes denormals 0.
#include <xmmintrin.h>

#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  _mm_setcsr(_mm_getcsr() | 0x8000);
  euler(s, x);
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
