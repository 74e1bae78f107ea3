// DDIM with CFG++ as in AUTOMATIC1111: the guidance is guidance_scale / 12.5, from 0 to 1, with the noise of the
// unconditional prediction, and the pass ends at timestep 1. Not for guidance_scale above 12.5.
//
//   D = D_u + (D_g - D_u) / 12.5,   d_u = (x - D_u) / sigma
//   x' = D + down d_u + up z,   up, down: ddim,   z ~ N(0, 1)
//
// D_g: denoised, D_u: unconditional. The result is scaled as there: x / sqrt(1 + final_sigma^2).
//
// Chung et al. 2024, "CFG++: Manifold-constrained Classifier Free Guidance", algorithm 2, arXiv:2406.08070, where
// lambda is guidance_scale / 12.5, with eta of Song et al. 2020, eq. 16, arXiv:2010.02502.
#include <calotype/ode.h>

#include "samplers/final_sigma.h"
#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kDivisor =
    number("guidance_divisor", 12.5, 1, 100, "guidance_scale / this is the paper's lambda, from 0 to 1; Forge: 1");

constexpr Info kInfo{.id = "ddim_cfg_pp",
                     .aliases = {"ddim_cfgpp"},
                     .label = "DDIM CFG++",
                     .summary = "ddim with CFG++ at the usual guidance_scale, as AUTOMATIC1111; not above 12.5",
                     .citation = "Chung et al. 2024, algorithm 2, arXiv:2406.08070",
                     .origin = "AUTOMATIC1111",
                     .category = "CFG++",
                     .best_for = "regenerating images of AUTOMATIC1111",
                     .steps = {20, 50},
                     .pairs_with = "ddim_uniform",
                     .needs_unconditional = true,
                     .settings = {kEtaOfNone, final_sigma_of(kSigmaAt1), kDivisor}};

void ddim_cfg_pp(const Sampling& s, Latents& x) {
  const double part = 1 / s.settings[kDivisor];
  const auto sigmas = until_final_sigma(s);
  for (size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double sigma = sigmas[i], sigma_next = sigmas[i + 1], scale = end_scale(sigmas, i);
    const auto [down, up] = ancestral_step(sigma, sigma_next, s.settings[kEtaOfNone]);
    const auto [guided, unconditional] = s.denoise_guided(x, sigma);
    const Latents noise = noise_for(up, s, sigma, sigma_next);
    x = scale * (part * guided + (1 - part) * unconditional + down * slope(x, unconditional, sigma) + up * noise);
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, ddim_cfg_pp);
