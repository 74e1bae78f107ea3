// DPM-Solver++ for the reverse SDE, single step: second order from two model evaluations, new noise at both. Good at
// few steps. Not where speed matters.
//
//   mid = sigma^(1-r) sigma'^r,   f = 1/(2r);   up, down: euler_ancestral, from sigma to mid and from sigma to sigma'
//   x2 = down/sigma x + (1 - down/sigma) D(x; sigma) + up s_noise z
//   D  = (1 - f) D(x; sigma) + f D(x2; mid)
//   x' = down/sigma x + (1 - down/sigma) D + up s_noise z,   z ~ N(0, 1);   the last step is x' = D(x; sigma)
//
// Lu et al. 2022, "DPM-Solver++", algorithm 1, arXiv:2211.01095, for the reverse SDE; Crowson, k-diffusion,
// sample_dpmpp_sde.
#include <calotype/ode.h>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kMiddle =
    number("r", 0.5, 0.01, 1, "position of the second model evaluation in a step, in log sigma");

constexpr Info kInfo{
    .id = "dpmpp_sde",
    .label = "DPM++ SDE",
    .summary = "second order with new noise, two model evaluations a step: good at few; not where speed matters",
    .citation = "Lu et al. 2022, algorithm 1, arXiv:2211.01095",
    .origin = "k-diffusion",
    .category = "Speed",
    .best_for = "few steps, rich texture",
    .steps = {6, 25},
    .pairs_with = "sgm_uniform",
    .noise = "brownian",
    .order = 2,
    .evaluations = {2, -1},
    .settings = {kEta, kNoise, kMiddle}};
constexpr Info kGpuInfo =
    on_gpu(kInfo, "dpmpp_sde_gpu", "dpmpp_sde under its name for noise generated on the GPU; not where speed matters");

void dpmpp_sde(const Sampling& s, Latents& x) {
  const double eta = s.settings[kEta], s_noise = s.settings[kNoise], r = s.settings[kMiddle], f = 1 / (2 * r);
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const double mid = std::pow(sigma, 1 - r) * std::pow(sigma_next, r);
    const auto half = ancestral_step(sigma, mid, eta), full = ancestral_step(sigma, sigma_next, eta);
    const double back = half.down / sigma, keep = full.down / sigma;

    const Latents denoised = s.denoise(x, sigma);
    Latents noise = noise_for(half.up * s_noise, s, sigma, mid);
    const Latents x_2 = back * x + (1 - back) * denoised + half.up * s_noise * noise;
    const Latents denoised_2 = s.denoise(x_2, mid);
    noise = noise_for(full.up * s_noise, s, sigma, sigma_next);
    x = keep * x + (1 - keep) * ((1 - f) * denoised + f * denoised_2) + full.up * s_noise * noise;
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_sde);
CALOTYPE_SAMPLER_ENTRY(kGpuInfo, dpmpp_sde);
