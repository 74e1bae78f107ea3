// SEEDS of third order: three model evaluations a step, with noise at each that belongs to one path. The most exact
// sampler with noise for the same steps. Not where speed matters.
//
//   h = ln(sigma / sigma'),   a = 1 + eta,   sigma_1 = sigma e^(-r_1 h),   sigma_2 = sigma e^(-r_2 h)
//   D_i = D(u_i; sigma_i),   E(y) = 1 - e^-y,   F(y) = 1 - E(y) / y
//   u_1 = e^(-a r_1 h) x + E(a r_1 h) D + sigma_1 n_1
//   u_2 = e^(-a r_2 h) x + E(a r_2 h) D + (r_2/r_1) F(a r_2 h) (D_1 - D) + sigma_2 n_2
//   x'  = e^(-a h) x + E(a h) D + (1/r_2) F(a h) (D_2 - D) + sigma' n_3;   the last step is D(x; sigma)
//
// n_k = e^(-eta g) n_(k-1) + sqrt(1 - e^(-2 eta g)) s_noise z_k is the noise so far, g the part of h since n_(k-1), z ~
// N(0, 1).
//
// Gonzalez, Fernandez, Tran et al. 2023, "SEEDS", algorithm 3, arXiv:2305.14267.
#include <cmath>
#include <cstdio>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kPosition1 = number("r_1", 1.0 / 3, 0.01, 0.98, "position of the second model evaluation in a step");
constexpr Setting kPosition2 =
    number("r_2", 2.0 / 3, 0.02, 0.99, "position of the third model evaluation in a step; more than r_1");

constexpr Info kInfo{.id = "seeds_3",
                     .label = "SEEDS-3",
                     .summary = "third order with new noise, three model evaluations a step; not where speed matters",
                     .citation = "Gonzalez et al. 2023, algorithm 3, arXiv:2305.14267",
                     .origin = "ComfyUI",
                     .category = "Texture",
                     .best_for = "texture where time does not count",
                     .steps = {8, 20},
                     .pairs_with = "karras",
                     .order = 3,
                     .evaluations = {3, -2},
                     .settings = {kEta, kNoise, kPosition1, kPosition2}};

double E(double y) {
  return -std::expm1(-y);
}
double F(double y) {
  return 1 - E(y) / y;
}

[[noreturn]] void fail(double r_1, double r_2) {
  char text[64];
  std::snprintf(text, sizeof text, "r_1: want less than r_2, %g, got %g", r_2, r_1);
  throw Error(text);
}

void seeds_3(const Sampling& s, Latents& x) {
  const double eta = s.settings[kEta], s_noise = s.settings[kNoise], r_1 = s.settings[kPosition1],
               r_2 = s.settings[kPosition2];
  if (r_1 >= r_2) fail(r_1, r_2);
  Latents u;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = std::log(sigma / sigma_next), y = (1 + eta) * h;
    const double sigma_1 = sigma * std::exp(-r_1 * h), sigma_2 = sigma * std::exp(-r_2 * h);
    const auto fades = [&](double g) { return std::exp(-eta * g * h); };
    const auto new_part = [&](double g) { return s_noise * std::sqrt(E(2 * eta * g * h)); };
    const double n_1 = new_part(r_1), n_2 = new_part(r_2 - r_1), n_3 = new_part(1 - r_2);

    const Latents denoised = s.denoise(x, sigma);
    const Latents z_1 = noise_for(n_1, s, sigma, sigma_1);
    u = (1 - E(r_1 * y)) * x + E(r_1 * y) * denoised + sigma_1 * n_1 * z_1;
    const Latents denoised_1 = s.denoise(u, sigma_1);
    const Latents z_2 = noise_for(n_2, s, sigma_1, sigma_2);
    u = (1 - E(r_2 * y)) * x + E(r_2 * y) * denoised + r_2 / r_1 * F(r_2 * y) * (denoised_1 - denoised) +
        sigma_2 * (fades(r_2 - r_1) * n_1 * z_1 + n_2 * z_2);
    const Latents denoised_2 = s.denoise(u, sigma_2);
    const Latents z_3 = noise_for(n_3, s, sigma_2, sigma_next);
    x = (1 - E(y)) * x + E(y) * denoised + F(y) / r_2 * (denoised_2 - denoised) +
        sigma_next * (fades(1 - r_1) * n_1 * z_1 + fades(1 - r_2) * n_2 * z_2 + n_3 * z_3);
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, seeds_3);
