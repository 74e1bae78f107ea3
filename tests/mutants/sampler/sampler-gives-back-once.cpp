// Releases its last denoised twice.
#include "good_sampler.h"

static int32_t mutant(const calotype_sampler_host* host, [[maybe_unused]] const calotype_settings* settings,
                      uint32_t steps, const double* sigmas, calotype_latents** x,
                      [[maybe_unused]] calotype_message* message) {
  return euler_by_hand(
      host, steps, sigmas, x,
      [&]([[maybe_unused]] bool in_model, int32_t status, calotype_latents* denoised) {
        return give_up(host, status, denoised);
      },
      [&](auto* last) {
        host->release(host->context, last);
        return CALOTYPE_OK;
      });
}
static constexpr calotype_sampler kMutant{sizeof(calotype_sampler), mutant};
CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, kInfo, "", &kMutant);
