// Looks at the step after the last one.
#include "good_sampler.h"

static int32_t mutant(const calotype_sampler_host* host, const calotype_settings* settings, uint32_t steps,
                      const double* sigmas, calotype_latents** x, calotype_message* message) {
  [[maybe_unused]] const volatile double after = *static_cast<const volatile double*>(&sigmas[steps + 1]);
  return euler_in_c(host, settings, steps, sigmas, x, message);
}
static constexpr calotype_sampler kMutant{sizeof(calotype_sampler), mutant};
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kInfo, "", &kMutant);
