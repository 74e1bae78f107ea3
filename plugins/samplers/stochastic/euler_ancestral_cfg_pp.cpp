// Euler a with CFG++: steps towards denoised with the noise of the unconditional prediction, and adds new noise. Not
// for guidance_scale above 3.
//
//   x' = D + down d_u + up s_noise z,   d_u = (x - D_u) / sigma,   up, down: euler_ancestral,   z ~ N(0, 1)
//
// D: denoised, D_u: unconditional. Chung et al. 2024, "CFG++: Manifold-constrained Classifier Free Guidance", algorithm
// 2, arXiv:2406.08070, with eta of Song et al. 2020, eq. 16, arXiv:2010.02502.
#include <calotype/ode.h>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "euler_ancestral_cfg_pp",
                     .aliases = {"euler_a_cfg_pp"},
                     .label = "Euler a CFG++",
                     .summary = "euler_ancestral with CFG++: guidance_scale 1 to 2 instead of 5 to 12; not above 3",
                     .citation = "Chung et al. 2024, algorithm 2, arXiv:2406.08070",
                     .origin = "ComfyUI",
                     .category = "CFG++",
                     .best_for = "varied images at low guidance",
                     .steps = {20, 40},
                     .pairs_with = "euler_a",
                     .needs_unconditional = true,
                     .guidance = {1, 2},
                     .order = 1,
                     .evaluations = {1, 0},
                     .settings = {kEta, kNoise}};

void euler_ancestral_cfg_pp(const Sampling& s, Latents& x) {
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1];
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kEta]);
    const double amount = up * s.settings[kNoise];
    const auto [denoised, unconditional] = s.denoise_guided(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = denoised + down * slope(x, unconditional, sigma) + amount * noise;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, euler_ancestral_cfg_pp);
