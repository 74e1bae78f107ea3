// DPM-Solver++(2S) with CFG++ and new noise at every step: an unconditional step, to which the guidance is added once.
// Two model evaluations a step. Not for guidance_scale above 3.
//
//   up, down: euler_ancestral;   mid = sqrt(sigma down),   u = mid/sigma x + (1 - mid/sigma) U(x; sigma)
//   x' = down/sigma x + (1 - down/sigma) U(u; mid) + up s_noise z + D(x; sigma) - U(x; sigma),   z ~ N(0, 1)
//   a step down to 0 has U(x; sigma) instead of U(u; mid)
//
// D: denoised, U: unconditional. Chung et al. 2024, "CFG++", arXiv:2406.08070, combined with Lu et al. 2022, algorithm
// 1, arXiv:2211.01095, as in ComfyUI.
#include <calotype/ode.h>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "dpmpp_2s_ancestral_cfg_pp",
                     .aliases = {"dpmpp_2s_a_cfg_pp"},
                     .label = "DPM++ 2S a CFG++",
                     .summary = "dpmpp_2s_ancestral with CFG++: guidance_scale 1 to 2 instead of 5 to 12; not above 3",
                     .citation = "Chung et al. 2024, arXiv:2406.08070; Lu et al. 2022, arXiv:2211.01095",
                     .origin = "ComfyUI",
                     .category = "CFG++",
                     .best_for = "varied images at low guidance",
                     .steps = {15, 30},
                     .pairs_with = "karras",
                     .needs_unconditional = true,
                     .guidance = {1, 2},
                     .order = 2,
                     .evaluations = {2, -1},
                     .settings = {kEta, kNoise}};

void dpmpp_2s_ancestral_cfg_pp(const Sampling& s, Latents& x) {
  Latents u;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kEta]);
    const double amount = up * s.settings[kNoise], mid = std::sqrt(sigma * down);
    const auto [denoised, unconditional] = s.denoise_guided(x, sigma);
    GuidedLatents middle;
    if (down > 0) {
      u = mid / sigma * x + (1 - mid / sigma) * unconditional;
      middle = s.denoise_guided(u, mid);
    }
    const Latents& taken = down > 0 ? middle.unconditional : unconditional;
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = down / sigma * x + (1 - down / sigma) * taken + (denoised - unconditional) + amount * noise;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpmpp_2s_ancestral_cfg_pp);
