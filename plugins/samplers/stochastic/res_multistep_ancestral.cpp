// RES multistep that steps below the next sigma and adds new noise, and both methods with CFG++. One model evaluation a
// step. The image does not converge: not for comparing numbers of steps, nor for 5 steps or fewer.
//
//   up, down: euler_ancestral;   phi1, phi2: res_multistep
//   h = ln(sigma / down),   c = ln(down_before / sigma_(i-1)) / h
//   x' = e^-h x + h ((phi1 - phi2/c) D_i + phi2/c D_(i-1)) + up s_noise z,   z ~ N(0, 1)
//   the first step is Euler's, the last D_i
//
// CFG++ has U, unconditional, instead of each D, and x + D_i - U_i instead of x; its first step is euler_cfg_pp's. With
// eta 0 that is res_multistep_cfg_pp.
//
// Zhang et al. 2023, "Improved order analysis and design of exponential integrator for diffusion models sampling",
// arXiv:2308.02157; Chung et al. 2024, "CFG++", arXiv:2406.08070; ancestral as in ComfyUI.
#include <calotype/ode.h>

#include "samplers/res_multistep.h"
#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info info(const char* id, const char* label, const char* summary, bool is_cfg_pp) {
  return {.id = id,
          .label = label,
          .summary = summary,
          .citation = "Zhang et al. 2023, arXiv:2308.02157",
          .origin = "ComfyUI",
          .category = is_cfg_pp ? "CFG++" : "Creative",
          .best_for = "12 to 30 steps",
          .steps = {10, 30},
          .pairs_with = "dpm_pp_2m_karras",
          .needs_unconditional = is_cfg_pp,
          .guidance = {1, is_cfg_pp ? 2.0 : 0.0},
          .order = 2,
          .evaluations = {1, 0},
          .settings = {kEta, kNoise}};
}
constexpr Info kInfo = info("res_multistep_ancestral", "RES Multistep a",
                            "res_multistep with new noise at every step; the image changes with the steps", false);
constexpr Info kCfgPpInfo = info("res_multistep_ancestral_cfg_pp", "RES Multistep a CFG++",
                                 "res_multistep_ancestral with CFG++: guidance_scale 1 to 2; not above 3", true);
constexpr Info kStillInfo{.id = "res_multistep_cfg_pp",
                          .label = "RES Multistep CFG++",
                          .summary = "res_multistep with CFG++: guidance_scale 1 to 2 instead of 5 to 12; not above 3",
                          .citation = "Zhang et al. 2023, arXiv:2308.02157; Chung et al. 2024, arXiv:2406.08070",
                          .origin = "ComfyUI",
                          .category = "CFG++",
                          .best_for = "12 to 30 steps",
                          .steps = {10, 30},
                          .pairs_with = "dpm_pp_2m_karras",
                          .needs_unconditional = true,
                          .guidance = {1, 2},
                          .order = 2,
                          .evaluations = {1, 0}};

void solve(const Sampling& s, Latents& x, double eta, double s_noise, bool is_cfg_pp) {
  Latents before;
  double down_before = 0;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, eta);
    const double amount = up * s_noise;
    GuidedLatents d;
    if (is_cfg_pp)
      d = s.denoise_guided(x, sigma);
    else
      d.denoised = s.denoise(x, sigma);
    Latents& taken = is_cfg_pp ? d.unconditional : d.denoised;
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    if (down == 0 || !before) {
      x = d.denoised + down * slope(x, taken, sigma) + amount * noise;
    } else {
      const auto [a, b1, b2] = res_step(sigma, down, std::log(down_before / s.sigmas[i - 1]));
      x = a * (x + d.denoised - taken) + b1 * taken + b2 * before + amount * noise;
    }
    before = std::move(taken);
    down_before = down;
  }
}

void ancestral(const Sampling& s, Latents& x) {
  solve(s, x, s.settings[kEta], s.settings[kNoise], false);
}
void ancestral_cfg_pp(const Sampling& s, Latents& x) {
  solve(s, x, s.settings[kEta], s.settings[kNoise], true);
}
void cfg_pp(const Sampling& s, Latents& x) {
  solve(s, x, 0, 0, true);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, ancestral);
CALOTYPE_SAMPLER_ENTRY(kCfgPpInfo, ancestral_cfg_pp);
CALOTYPE_SAMPLER_ENTRY(kStillInfo, cfg_pp);
