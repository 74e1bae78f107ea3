// Wants a table of exactly the size that it knows.
#include "good_sampler.h"

static int32_t mutant(const calotype_sampler_host* host, [[maybe_unused]] const calotype_settings* settings,
                      uint32_t steps, const double* sigmas, calotype_latents** x,
                      [[maybe_unused]] calotype_message* message) {
  if (host->size != sizeof *host) return std::strcpy(message->text, "another host"), CALOTYPE_FAILED;
  return euler_in_c(host, settings, steps, sigmas, x, message);
}
static constexpr calotype_sampler kMutant{sizeof(calotype_sampler), mutant};
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kInfo, "", &kMutant);
