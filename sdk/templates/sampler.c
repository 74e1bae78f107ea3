/* Adams-Bashforth of second order: the slope along the step is the straight line through the last two. One model
 * evaluation a step. Not for few steps or strong guidance, where the old slope misleads.
 *
 *   d = (x - D(x; sigma)) / sigma,   r = h / (2 h_before),   x' = x + h ((1 + r) d - r d_before)
 *
 * with r = 0 in the first and the last step.
 *
 * Hairer, Norsett, Wanner 1993, "Solving Ordinary Differential Equations I", III.5.
 */
#include <calotype/c_entry.h>
#include <stdio.h>

/* One step, *x and *before replaced. Each status that is not CALOTYPE_OK goes to the host at once. */
static int32_t step(const calotype_sampler_host* host, double sigma, double sigma_next, double r, calotype_latents** x,
                    calotype_latents** before) {
  const double h = sigma_next - sigma;
  calotype_latents *denoised = NULL, *d = NULL;
  int32_t status = host->denoise(host->context, *x, sigma, &denoised);
  if (status == CALOTYPE_OK) {
    const double slope[] = {1 / sigma, -1 / sigma};
    const calotype_latents* const of[] = {*x, denoised};
    status = host->combine(host->context, 2, slope, of, &d);
  }
  if (status == CALOTYPE_OK) {
    const double sum[] = {1, h * (1 + r), -h * r};
    const calotype_latents* const of[] = {*x, d, *before};
    status = host->combine(host->context, *before ? 3 : 2, sum, of, x);
  }
  if (denoised) host->release(host->context, denoised);
  if (*before) host->release(host->context, *before);
  *before = d;
  return status;
}

static int32_t solve(const calotype_sampler_host* host, const calotype_settings* settings, uint32_t steps,
                     const double* sigmas, calotype_latents** x, calotype_message* message) {
  const double strength = settings->values[0]->number; /* in the order of the declaration below */
  calotype_latents* before = NULL;
  int32_t status = CALOTYPE_OK;
  for (uint32_t i = 0; i < steps; ++i)
    if (!(sigmas[i] > sigmas[i + 1])) { /* no line through two slopes at one sigma */
      snprintf(message->text, message->size - offsetof(calotype_message, text),
               "want sigmas that fall, got %g before %g", sigmas[i], sigmas[i + 1]);
      return CALOTYPE_FAILED;
    }
  for (uint32_t i = 0; i < steps && status == CALOTYPE_OK; ++i) {
    const double h = sigmas[i + 1] - sigmas[i];
    const double r = before && sigmas[i + 1] > 0 ? strength * h / (2 * (sigmas[i] - sigmas[i - 1])) : 0;
    status = step(host, sigmas[i], sigmas[i + 1], r, x, &before);
  }
  if (before) host->release(host->context, before);
  return status;
}

CALOTYPE_C_SAMPLER("@name@", solve,
  "summary": "Second order from two slopes, one model evaluation a step; not for few steps",
  "pairs_with": "karras",
  "order": 2, "model_calls": [1, 0], /* which `calotype plugin check` measures: a call a step, and none more */
  "settings": [{"name": "strength", "type": "number", "default": 1, "min": 0, "max": 1,
                "doc": "how much of the last slope is used; 0 is Euler's method"}])
