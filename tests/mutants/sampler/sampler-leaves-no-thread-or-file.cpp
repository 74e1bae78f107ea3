// Leaves a file open at its first call.
#include <fcntl.h>

#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  static const int file = open("/dev/null", O_RDONLY);
  if (file < 0) throw Error("no /dev/null");
  euler(s, x);
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
