// DPM-Solver++(2M) with CFG++: second order at low guidance, with the noise of the unconditional prediction. Not for
// guidance_scale above 3.
//
//   k = sigma' / sigma,   r = h_before / h,   h = ln(sigma / sigma')
//   x' = D_i + k (x - U_i) + (1 - k) / (2r) (D_i - U_(i-1));   the first step has no last term, the last is x' = D_i
//
// D: denoised, U: unconditional; without guidance this is dpmpp_2m. Chung et al. 2024, "CFG++", arXiv:2406.08070,
// combined with Lu et al. 2022, algorithm 2, arXiv:2211.01095, as in ComfyUI, where the last term is the change from U
// to D.
#include <calotype/sampler.h>

#include <cmath>

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "dpmpp_2m_cfg_pp",
                     .label = "DPM++ 2M CFG++",
                     .summary = "second order with CFG++: guidance_scale 1 to 2 instead of 5 to 12; not above 3",
                     .citation = "Chung et al. 2024, arXiv:2406.08070; Lu et al. 2022, arXiv:2211.01095",
                     .origin = "ComfyUI",
                     .category = "CFG++",
                     .best_for = "clear structure at low guidance",
                     .steps = {20, 40},
                     .pairs_with = "karras",
                     .needs_unconditional = true,
                     .guidance = {1, 2},
                     .order = 2,
                     .evaluations = {1, 0}};

void dpmpp_2m_cfg_pp(const Sampling& s, Latents& x) {
  Latents before;
  double h_before = 0;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next),
                 k = sigma_next / sigma;
    const double c = before ? (1 - k) * h / (2 * h_before) : 0;
    auto [denoised, unconditional] = s.denoise_guided(x, sigma);
    x = denoised + k * (x - unconditional) + c * (denoised - before);
    before = std::move(unconditional);
    h_before = h;
  }
  x = s.denoise_guided(x, s.sigmas[s.steps() - 1]).denoised;
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_2m_cfg_pp);
