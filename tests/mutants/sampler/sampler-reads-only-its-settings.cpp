// Reads a setting that it does not declare.
#include "good_sampler.h"

static int32_t mutant(const calotype_sampler_host* host, const calotype_settings* settings, uint32_t steps,
                      const double* sigmas, calotype_latents** x, calotype_message* message) {
  [[maybe_unused]] const auto* volatile none = settings->values[settings->count];
  return euler_in_c(host, settings, steps, sigmas, x, message);
}
static constexpr calotype_sampler kMutant{sizeof(calotype_sampler), mutant};
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kInfoWithSetting, "", &kMutant);
