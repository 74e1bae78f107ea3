// Writes more than there is room for.
#include "good_sampler.h"

static int32_t mutant(const calotype_sampler_host* host, [[maybe_unused]] const calotype_settings* settings,
                      uint32_t steps, const double* sigmas, calotype_latents** x,
                      [[maybe_unused]] calotype_message* message) {
  if (std::isnan(sigmas[0])) return std::strcpy(message->text, "these sigmas are no numbers at all"), CALOTYPE_FAILED;
  return euler_in_c(host, settings, steps, sigmas, x, message);
}
static constexpr calotype_sampler kMutant{sizeof(calotype_sampler), mutant};
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kInfo, "", &kMutant);
