// Extended reverse-time SDE: each step replaces a part of the noise that depends on sigma, little near the end. So few
// steps are enough, where other samplers that add noise need many. One model evaluation a step. The image does not
// converge: not for comparing numbers of steps.
//
//   r = phi(sigma') / phi(sigma),   D' = (D_i - D_(i-1)) / (sigma_i - sigma_(i-1))
//   D'' = 2 (D'_i - D'_(i-1)) / (sigma_i - sigma_(i-2))
//   x' = r x + (1 - r) D_i + a D' + b D'' + sqrt(sigma'^2 - r^2 sigma^2) s_noise z,   z ~ N(0, 1)
//   a = sigma' - sigma + phi(sigma') int 1/phi,   b = (sigma' - sigma)^2 / 2 + phi(sigma') int (l - sigma)/phi
//
// The integrals run over l from sigma' to sigma, as sums of 200 intervals with the value at the lower end of each, as
// in the authors' program and ComfyUI. That makes it first order. `integral: midpoint` takes the values in the middle
// and is of second order, because D' looks back in all stages. phi(l) = l (exp(l^0.3) + 10); reverse_time: l^(1 + eta),
// the usual reverse SDE; ode, and eta 0: l, no noise. The last step is D.
//
// Cui, Zhang, Lu, Liao 2023, "Elucidating the Solution Space of Extended Reverse-Time SDE", algorithms 1 to 3,
// arXiv:2309.06169.
#include <cmath>

#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kStages = integer("max_stage", 3, 1, 3, "number of predictions that a step uses");
constexpr Setting kType = choice("solver_type", "er_sde", "er_sde|reverse_time|ode", "amount of noise at each sigma");
constexpr Setting kSums =
    choice("integral", "lower", "lower|midpoint", "position of the values in the sums; midpoint is more exact");

constexpr Info kInfo{
    .id = "er_sde",
    .label = "ER-SDE",
    .summary = "new noise mostly at high sigmas: fine detail at 10 to 30 steps; the image changes with the steps",
    .citation = "Cui et al. 2023, algorithm 3, arXiv:2309.06169",
    .origin = "ComfyUI",
    .category = "Detail",
    .best_for = "fine detail",
    .steps = {10, 50},
    .pairs_with = "beta",
    .order = 1,
    .evaluations = {1, 0},
    .settings = {kEta, kNoise, kStages, kType, kSums}};

struct Phi {
  bool is_er_sde;
  double power;
  double operator()(double l) const { return is_er_sde ? l * (std::exp(std::pow(l, 0.3)) + 10) : std::pow(l, power); }
};

void er_sde(const Sampling& s, Latents& x) {
  const auto type = s.settings.text(kType);
  const double eta = type == "ode" ? 0 : s.settings[kEta];
  const Phi phi{type == "er_sde" && eta > 0, 1 + eta};
  const int stages = s.settings.integer(kStages), points = 200;
  const double position = s.settings.text(kSums) == "midpoint" ? 0.5 : 0;
  Latents before, before_2;
  for (int i = 0; i < s.steps() - 1; ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], step = (sigma - sigma_next) / points;
    const double end = phi(sigma_next), r = end / phi(sigma);
    double a = sigma_next - sigma, b = a * a / 2;
    for (int k = 0; k < (stages > 1 && before ? points : 0); ++k) {
      const double l = sigma_next + (k + position) * step, weight = end / phi(l) * step;
      a += weight, b += weight * (l - sigma);
    }
    const double curve = stages > 2 && before_2 ? 2 * b / (sigma - s.sigmas[i - 2]) : 0;
    const double c_1 = stages > 1 && before ? (a + curve) / (sigma - s.sigmas[i - 1]) : 0;
    const double c_2 = curve == 0 ? 0 : curve / (s.sigmas[i - 1] - s.sigmas[i - 2]);
    const double variance = sigma_next * sigma_next - r * r * sigma * sigma;
    const double amount = eta == 0 ? 0 : s.settings[kNoise] * std::sqrt(std::max(variance, 0.0));

    Latents denoised = s.denoise(x, sigma);
    const Latents noise = noise_for(amount, s, sigma, sigma_next);
    x = r * x + (1 - r) * denoised + c_1 * (denoised - before) - c_2 * (before - before_2) + amount * noise;
    before_2 = std::move(before);
    before = std::move(denoised);
  }
  x = s.denoise(x, s.sigmas[s.steps() - 1]);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, er_sde);
