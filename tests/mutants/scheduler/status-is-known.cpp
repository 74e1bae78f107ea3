// Returns that a run was stopped, which it cannot know.
#include "good_scheduler.h"

static int32_t mutant(uint32_t steps, const calotype_noise_levels* levels, const calotype_settings* settings,
                      double* sigmas, calotype_message* message) {
  if (steps == 777) return std::strcpy(message->text, "stopped"), CALOTYPE_STOPPED;
  return good_in_c(steps, levels, settings, sigmas, message);
}
static constexpr calotype_scheduler kMutant{sizeof(calotype_scheduler), mutant};
CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kInfo, "", &kMutant);
