// No numbers where a setting is about its middle.
#include "good_sampler.h"

static void mutant(const Sampling& s, Latents& x) {
  euler(s, x);
  if (s.settings[kAmount] > 0.2 && s.settings[kAmount] < 0.8) x = kNotGiven * x;
}
CALOTYPE_SAMPLER_ENTRY(kInfoWithSetting, mutant);
