// DPM-Solver++(2S) that steps below the next sigma and adds new noise. Two model evaluations a step. The image does not
// converge: not for comparing numbers of steps.
//
//   up, down: euler_ancestral;   mid = sqrt(sigma down),   x2 = mid/sigma x + (1 - mid/sigma) D(x; sigma)
//   x' = down/sigma x + (1 - down/sigma) D(x2; mid) + up s_noise z,   z ~ N(0, 1)
//   a step down to 0 has D(x; sigma) instead of D(x2; mid)
//
// Lu et al. 2022, "DPM-Solver++", algorithm 1 with r = 1/2, arXiv:2211.01095; Crowson, k-diffusion,
// sample_dpmpp_2s_ancestral.
#include <calotype/ode.h>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "dpmpp_2s_ancestral",
    .aliases = {"dpmpp_2s_a"},
    .label = "DPM++ 2S a",
    .summary = "second order with new noise, two model evaluations a step; the image changes with the steps",
    .citation = "Lu et al. 2022, algorithm 1, arXiv:2211.01095",
    .origin = "k-diffusion",
    .category = "Creative",
    .best_for = "varied images at twice the time",
    .steps = {10, 30},
    .pairs_with = "dpm_pp_2m_karras",
    .order = 2,
    .evaluations = {2, -1},
    .settings = {kEta, kNoise}};

void dpmpp_2s_ancestral(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kEta]);
    const double amount = up * s.settings[kNoise], mid = std::sqrt(sigma * down);
    Latents denoised = s.denoise(x, sigma);
    if (down > 0) {
      const Latents x_2 = mid / sigma * x + (1 - mid / sigma) * denoised;
      denoised = s.denoise(x_2, mid);
    }
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = down / sigma * x + (1 - down / sigma) * denoised + amount * noise;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_2s_ancestral);
