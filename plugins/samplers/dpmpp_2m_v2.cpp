// DPM-Solver++(2M), version 2: dpmpp_2m with denoised weighted by the mean of this step and the last. Softer if steps
// grow. First order only: not where dpmpp_2m is stable.
//
//   h = ln(sigma / sigma'),   r = max(h, h_before) / min(h, h_before),   D = (1 + 1/(2r)) D_i - 1/(2r) D_(i-1)
//   x' = sigma'/sigma x + (1 - e^-((h + h_before)/2)) D;   the first step, and the last to 0, are those of dpmpp_2m
//
// stable-diffusion.cpp, dpm++2mv2, after a proposal for A1111's web UI (discussion 8457) to soften dpmpp_2m with
// karras. There is no paper: if steps differ in length, the weights of x and D do not add up to 1.
#include <calotype/sampler.h>

#include <algorithm>
#include <cmath>

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "dpmpp_2m_v2",
    .aliases = {"dpmpp2mv2"},
    .label = "DPM++ 2M v2",
    .summary = "dpmpp_2m weighted by the mean of two steps, as stable-diffusion.cpp; not as exact as dpmpp_2m",
    .citation = "stable-diffusion.cpp, dpm++2mv2; after Lu et al. 2022, algorithm 2, arXiv:2211.01095",
    .origin = "stable-diffusion.cpp",
    .category = "Structure",
    .best_for = "karras at 10 to 20 steps",
    .steps = {10, 30},
    .pairs_with = "dpm_pp_2m_karras",
    .order = 1,
    .evaluations = {1, 0}};

void dpmpp_2m_v2(const Sampling& s, Latents& x) {
  Latents before;
  double h_before = 0;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next);
    Latents denoised = s.denoise(x, sigma);
    const double k = before ? std::min(h, h_before) / std::max(h, h_before) / 2 : 0;
    const double mean = before ? (h + h_before) / 2 : h;
    x = sigma_next / sigma * x - std::expm1(-mean) * ((1 + k) * denoised - k * before);
    before = std::move(denoised);
    h_before = h;
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_2m_v2);
