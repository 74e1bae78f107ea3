// No numbers where a setting is at its highest.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  euler(s, x);
  if (s.settings[kAmount] == 1) x = kNotGiven * x;
}
CALOTYPE_SAMPLER_ENTRY(kInfoWithSetting, mutant);
