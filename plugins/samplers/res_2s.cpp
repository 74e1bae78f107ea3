// Exponential Runge-Kutta with two stages: solves the linear part of the ODE exactly, with denoised on the line through
// its values at sigma and at a later position r. Two model evaluations a step. Not where speed matters.
//
//   h = ln(sigma / sigma'),   sigma_r = sigma e^(-r h),   x2 = e^(-r h) x + (1 - e^(-r h)) D(x; sigma)
//   x' = e^-h x + (1 - e^-h - b) D(x; sigma) + b D(x2; sigma_r),   b = (1 - (1 - e^-h)/h) / r
//   the last step is D(x; sigma)
//
// res_2s has r = 1/2 by default, exp_heun_2_x0 r = 1; its solver_type phi_1 has b = (1 - e^-h) / 2. Zhang et al. 2023,
// arXiv:2308.02157; Hochbruck, Ostermann 2005, "Explicit exponential Runge-Kutta methods"; exp_heun_2_x0 is SEEDS-2
// without noise, Gonzalez et al. 2023, arXiv:2305.14267.
#include <calotype/sampler.h>

#include <cmath>

#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kPosition =
    number("r", 0.5, 0.1, 1, "position of the second model evaluation in a step, in log sigma; 0.5 is the middle");
constexpr Setting kSolver = choice("solver_type", "phi_2", "phi_2|phi_1",
                                   "weight of the second prediction: phi_2 is the theory's, phi_1 that of the first");

constexpr Info kRes{
    .id = "res_2s",
    .label = "RES 2S",
    .summary = "second order from the middle of each step, two model evaluations; not where speed matters",
    .citation = "Zhang et al. 2023, arXiv:2308.02157",
    .origin = "stable-diffusion.cpp",
    .category = "Quality",
    .best_for = "few but exact steps",
    .steps = {8, 20},
    .pairs_with = "karras",
    .order = 2,
    .evaluations = {2, -1},
    .settings = {kPosition}};
consteval Info heun_info() {
  Info info = variant(kRes, "exp_heun_2_x0", "Exp Heun 2 x0",
                      "second order from the end of each step, two model evaluations; not where speed matters");
  info.steps[0] = 5;
  info.settings[0] = kSolver;
  return info;
}
constexpr Info kHeun = heun_info();

void pass(const Sampling& s, Latents& x, double r, bool phi_2) {
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next);
    const double sigma_r = r == 1 ? sigma_next : std::exp((1 - r) * std::log(sigma) + r * std::log(sigma_next));
    const double phi_1 = -std::expm1(-h), b = phi_2 ? (1 - phi_1 / h) / r : phi_1 / (2 * r);
    const Latents denoised = s.denoise(x, sigma);
    const Latents x_2 = sigma_r / sigma * x + (1 - sigma_r / sigma) * denoised;
    const Latents denoised_2 = s.denoise(x_2, sigma_r);
    x = sigma_next / sigma * x + (phi_1 - b) * denoised + b * denoised_2;
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}

void res_2s(const Sampling& s, Latents& x) {
  pass(s, x, s.settings[kPosition], true);
}
void exp_heun_2_x0(const Sampling& s, Latents& x) {
  pass(s, x, 1, s.settings.text(kSolver) == "phi_2");
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kRes, res_2s);
CALOTYPE_SAMPLER_ENTRY(kHeun, exp_heun_2_x0);
