// DPM-Solver++(2M): second order from one model evaluation a step, with the last two denoised. The first choice. Not
// for 5 steps or fewer.
//
//   h = ln(sigma / sigma'),   r = h_before / h,   D = (1 + 1/(2r)) D_i - 1/(2r) D_(i-1)
//   x' = sigma'/sigma x + (1 - e^-h) D;   the first step, and the last to 0, have D = D_i
//
// Lu et al. 2022, "DPM-Solver++", algorithm 2, arXiv:2211.01095.
#include <calotype/sampler.h>

#include <cmath>

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "dpmpp_2m",
    .label = "DPM++ 2M",
    .summary = "second order from one model evaluation a step: clear structure; not for 5 steps or fewer",
    .citation = "Lu et al. 2022, algorithm 2, arXiv:2211.01095",
    .origin = "k-diffusion",
    .category = "Structure",
    .best_for = "clear structure, most images",
    .steps = {15, 40},
    .recommended = true,
    .pairs_with = "dpm_pp_2m_karras",
    .order = 2,
    .evaluations = {1, 0}};

void dpmpp_2m(const Sampling& s, Latents& x) {
  Latents before;
  double h_before = 0;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next);
    Latents denoised = s.denoise(x, sigma);
    const double k = before ? h / (2 * h_before) : 0;
    x = sigma_next / sigma * x - std::expm1(-h) * ((1 + k) * denoised - k * before);
    before = std::move(denoised);
    h_before = h;
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_2m);
