// Goes somewhere else.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double r = s.sigmas[i + 1] / s.sigmas[i];
    const Latents denoised = s.denoise(x, s.sigmas[i]);
    x = r * x + 0.9 * (1 - r) * denoised;
  }
}
CALOTYPE_SAMPLER_ENTRY(kInfo, mutant);
