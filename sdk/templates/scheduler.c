/* Sigmas that start and end gently: in ln(sigma), s^2 (3 - 2 s) takes the place of the straight line of
 * `exponential`. */
#include <calotype/c_entry.h>
#include <math.h>
#include <stdio.h>

static int32_t schedule(uint32_t steps, const calotype_noise_levels* levels, const calotype_settings* settings,
                        double* sigmas, calotype_message* message) {
  const double last = levels->sigmas[0], first = levels->sigmas[levels->count - 1];
  const double strength = settings->values[0]->number; /* in the order of the declaration below */
  if (!(last > 0 && last < first)) {                   /* no logarithm; nor is there one of NaN */
    snprintf(message->text, message->size - offsetof(calotype_message, text),
             "want sigmas that rise from above 0, got %g to %g", last, first);
    return CALOTYPE_FAILED;
  }
  for (uint32_t i = 0; i < steps; ++i) {
    const double s = steps > 1 ? (double)i / (steps - 1) : 0;
    const double eased = s + strength * (s * s * (3 - 2 * s) - s);
    sigmas[i] = first * pow(last / first, eased);
  }
  sigmas[steps] = 0;
  return CALOTYPE_OK;
}

CALOTYPE_C_SCHEDULER("@name@", schedule,
  "summary": "Starts and ends gently; wants 12 steps or more",
  "pairs_with": "dpmpp_2m",
  "settings": [{"name": "strength", "type": "number", "default": 1, "min": 0, "max": 1,
                "doc": "0: the straight line of exponential; 1: eased all the way"}])
