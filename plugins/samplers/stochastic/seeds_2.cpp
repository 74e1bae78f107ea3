// SEEDS: solves the linear part of the diffusion SDE exactly, with two model evaluations a step and noise at both that
// belongs to one path. Not where speed matters. exp_heun_2_x0_sde has the second evaluation at the end of the step.
//
//   h = ln(sigma / sigma'),   a = 1 + eta,   sigma_s = sigma e^(-r h)
//   phi_1(y) = (e^y - 1) / y,   phi_2(y) = (phi_1(y) - 1) / y
//   u  = e^(-a r h) x + (1 - e^(-a r h)) D(x; sigma) + sigma_s sqrt(1 - e^(-2 eta r h)) s_noise z_1
//   x' = e^(-a h) x + (1 - e^(-a h)) ((1 - w) D(x; sigma) + w D(u; sigma_s))
//        + sigma' e^(-eta (1-r) h) sqrt(1 - e^(-2 eta r h)) s_noise z_1
//        + sigma' sqrt(1 - e^(-2 eta (1-r) h)) s_noise z_2
//   w = 1 / (2r) (phi_1) or phi_2(-a h) / (r phi_1(-a h)) (phi_2),   z ~ N(0, 1);   the last step is D(x; sigma)
//
// Gonzalez, Fernandez, Tran et al. 2023, "SEEDS", algorithm 2, arXiv:2305.14267. With eta 0 it is DPM-Solver++(2S), and
// with phi_2 and r 1 the exponential Heun of Zhang et al. 2023, arXiv:2308.02157.
#include <cmath>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kPosition =
    number("r", 0.5, 0.01, 1, "position of the second model evaluation in a step; 0.5 is the middle");
constexpr Setting kPhi1 = choice("solver_type", "phi_1", "phi_1|phi_2", "weight of the second prediction");
constexpr Setting kPhi2 = choice("solver_type", "phi_2", "phi_1|phi_2", "weight of the second prediction");

constexpr Info kInfo{.id = "seeds_2",
                     .label = "SEEDS-2",
                     .summary = "second order with new noise, two model evaluations a step; not where speed matters",
                     .citation = "Gonzalez et al. 2023, algorithm 2, arXiv:2305.14267",
                     .origin = "ComfyUI",
                     .category = "Texture",
                     .best_for = "texture where time does not count",
                     .steps = {10, 30},
                     .pairs_with = "karras",
                     .order = 2,
                     .evaluations = {2, -1},
                     .settings = {kEta, kNoise, kPosition, kPhi1}};
constexpr Info kHeun{
    .id = "exp_heun_2_x0_sde",
    .label = "Exp. Heun 2 SDE",
    .summary = "exponential Heun with new noise, two model evaluations a step; not where speed matters",
    .citation = "Gonzalez et al. 2023, arXiv:2305.14267; Zhang et al. 2023, arXiv:2308.02157",
    .origin = "ComfyUI",
    .category = "Texture",
    .best_for = "texture where time does not count",
    .steps = {10, 30},
    .pairs_with = "karras",
    .order = 2,
    .evaluations = {2, -1},
    .settings = {kEta, kNoise, kPhi2}};

void seeds(const Sampling& s, Latents& x, double r, bool is_phi_2) {
  const double eta = s.settings[kEta], s_noise = s.settings[kNoise];
  Latents u;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next), y = (1 + eta) * h;
    const double sigma_s = sigma * std::exp(-r * h), e = -std::expm1(-y), e_s = -std::expm1(-r * y);
    const double w = is_phi_2 ? (1 / e - 1 / y) / r : 1 / (2 * r);
    const double new_part = s_noise * std::sqrt(-std::expm1(-2 * eta * r * h)),
                 rest = -std::expm1(-2 * eta * (1 - r) * h);
    const double amount_1 = sigma_next * std::exp(-eta * (1 - r) * h) * new_part,
                 amount_2 = sigma_next * s_noise * std::sqrt(rest);

    const Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(new_part, s, sigma, sigma_s);
    u = (1 - e_s) * x + e_s * denoised + sigma_s * new_part * noise;
    const Latents denoised_s = s.denoise(u, sigma_s);
    const Latents noise_2 = noise_for(new_part, s, r < 1 ? sigma_s : sigma,
                                      sigma_next);  // with r 1 it is sampled and not used, as in ComfyUI
    x = (1 - e) * x + e * ((1 - w) * denoised + w * denoised_s) + amount_1 * noise + amount_2 * noise_2;
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}

void seeds_2(const Sampling& s, Latents& x) {
  seeds(s, x, s.settings[kPosition], s.settings.text(kPhi1) == "phi_2");
}
void exp_heun(const Sampling& s, Latents& x) {
  seeds(s, x, 1, s.settings.text(kPhi2) == "phi_2");
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, seeds_2);
CALOTYPE_SAMPLER_ENTRY(kHeun, exp_heun);
