/* What must hold of this sampler, beyond what `calotype plugin check` asks of every one: it is of second order. The
 * data is unit normal, so the exact denoiser and the exact solution are known; latents are one number. */
#include "@file@"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int live = 0;
static calotype_latents* make(double value) {
  double* x = malloc(sizeof *x);
  *x = value;
  ++live;
  return (calotype_latents*)x;
}
static double of(const calotype_latents* x) {
  return *(const double*)x;
}
static int32_t denoise(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised) {
  (void)context;
  *denoised = make(of(x) / (1 + sigma * sigma));
  return CALOTYPE_OK;
}
static int32_t combine(void* context, size_t count, const double* coefficients, const calotype_latents* const* terms,
                       calotype_latents** out) {
  (void)context;
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += coefficients[i] * of(terms[i]);
  if (*out)
    *(double*)*out = sum;
  else
    *out = make(sum);
  return CALOTYPE_OK;
}
static void release(void* context, calotype_latents* x) {
  (void)context;
  free(x);
  --live;
}

/* How far the solution is from the exact one. */
static double error(uint32_t steps) {
  double sigmas[101];
  for (uint32_t i = 0; i < steps; ++i) sigmas[i] = 10 * pow(1e-5, (double)i / (steps - 1));
  sigmas[steps] = 0;
  const calotype_sampler_host host = {
      .size = sizeof host, .abi = CALOTYPE_ABI, .denoise = denoise, .combine = combine, .release = release};
  const calotype_setting strength = {.size = sizeof strength, .type = CALOTYPE_NUMBER, .name = "strength", .number = 1};
  const calotype_setting* const values[] = {&strength};
  const calotype_settings settings = {sizeof settings, 1, values};
  calotype_message message = {.size = sizeof message};
  calotype_latents* x = make(1);
  if (solve(&host, &settings, steps, sigmas, &x, &message) != CALOTYPE_OK) return NAN;
  const double found = of(x);
  release(NULL, x);
  return fabs(found - 1 / sqrt(101));
}

int main(void) {
  const double ratio = error(50) / error(100);
  if (ratio > 3.4 && ratio < 4.6 && live == 0) return 0;
  fprintf(stderr, "@name@: want a quarter of the error with twice the steps and no latents left, got 1/%g and %d\n",
          ratio, live);
  return 1;
}
