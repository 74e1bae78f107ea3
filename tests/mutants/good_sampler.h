#pragma once
#include <calotype/sampler.h>

/// A sampler without a fault, for mutants to spoil.
namespace {
using namespace calotype;

[[maybe_unused]] constexpr Info kInfo{.id = "mutant", .summary = "A mutant"};
[[maybe_unused]] constexpr Setting kAmount = number("amount", 0, 0, 1, "what this mutant goes wrong by");
[[maybe_unused]] constexpr Info kInfoWithSetting{.id = "mutant", .summary = "A mutant", .settings = {kAmount}};

[[maybe_unused]] void euler(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double r = s.sigmas[i + 1] / s.sigmas[i];
    const Latents denoised = s.denoise(x, s.sigmas[i]);
    x = r * x + (1 - r) * denoised;
  }
}

[[maybe_unused]] int32_t euler_in_c(const calotype_sampler_host* host, const calotype_settings* settings,
                                    uint32_t steps, const double* sigmas, calotype_latents** x,
                                    calotype_message* message) {
  return sampler_thunk<euler, kInfo>(host, settings, steps, sigmas, x, message);
}

/// Euler's method by hand. Where a host call fails, `fails(in_model, status, denoised)` gives the status to return, and
/// has `denoised` to give back; at the end `ends(denoised)`, which gives the status, hears of the last ones, given back
/// already.
template <class Fails, class Ends>
int32_t euler_by_hand(const calotype_sampler_host* host, uint32_t steps, const double* sigmas, calotype_latents** x,
                      Fails&& fails, Ends&& ends) {
  calotype_latents* denoised = nullptr;
  for (uint32_t i = 0; i < steps; ++i) {
    denoised = nullptr;
    if (const int32_t status = host->denoise(host->context, *x, sigmas[i], &denoised))
      return fails(true, status, denoised);
    const double r = sigmas[i + 1] / sigmas[i], coefficients[] = {r, 1 - r};
    const calotype_latents* terms[] = {*x, denoised};
    if (const int32_t status = host->combine(host->context, 2, coefficients, terms, x))
      return fails(false, status, denoised);
    host->release(host->context, denoised);
  }
  return ends(denoised);
}

/// What `fails` does where it does right.
[[maybe_unused]] int32_t give_up(const calotype_sampler_host* host, int32_t status, calotype_latents* denoised) {
  if (denoised) host->release(host->context, denoised);
  return status;
}
}  // namespace
