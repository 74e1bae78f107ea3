// DPM-Solver-fast: as many third-order steps as the model evaluations allow, equal in log sigma, the last of lower
// order. It makes as many model evaluations as there are steps, and uses only the first and the last sigma of the
// schedule. Not for strong guidance.
//
//   n steps are floor(n/3) + 1 steps of the solver, of order 3, 3, ..., then n mod 3, or 2 and 1
//   eps = (x - D(x; sigma)) / sigma
//   u1 = x + (s1 - sigma) eps,   s_k: k/3 of the step in log sigma
//   u2 = x + (s2 - sigma) eps - 2 s2 ((e^(2h/3) - 1) / (2h/3) - 1) (eps1 - eps)
//   x' = x + (sigma' - sigma) eps - 3/2 sigma' ((e^h - 1)/h - 1) (eps2 - eps)
//
// Lu et al. 2022, "DPM-Solver", DPM-Solver-fast, arXiv:2206.00927; eta: Crowson, k-diffusion, sample_dpm_fast. As there
// and in ComfyUI it ends at the last sigma above 0, so its noise remains, little in most schedules. One step gives
// denoised.
#include "samplers/dpm_solver.h"
#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "dpm_fast",
                     .label = "DPM fast",
                     .summary = "third order in its own steps, equal in log sigma; not for strong guidance",
                     .citation = "Lu et al. 2022, DPM-Solver-fast, arXiv:2206.00927",
                     .origin = "k-diffusion",
                     .category = "Specialist",
                     .best_for = "a fixed number of model evaluations without guidance",
                     .steps = {15, 30},
                     .pairs_with = "karras",
                     .has_own_steps = true,
                     .order = 3,
                     .evaluations = {1, 0},
                     .settings = {kEtaOfNone, kNoise}};

void step(const Sampling& s, Latents& x, double sigma, double to, int order) {
  const Stage a = stage(s, sigma, std::move(x));
  if (order == 1) {
    x = straight(a, to);
  } else if (order == 2) {
    const double middle = between(sigma, to, 0.5);
    x = bent(a, stage(s, middle, straight(a, middle)), to);
  } else {
    const double s_1 = between(sigma, to, 1 / 3.0), s_2 = between(sigma, to, 2 / 3.0);
    const Stage b = stage(s, s_1, straight(a, s_1));
    x = bent_exactly(a, stage(s, s_2, bent_exactly(a, b, s_2)), to);
  }
}

void dpm_fast(const Sampling& s, Latents& x) {
  const int n = s.steps(), count = n / 3 + 1;
  const double first = s.sigmas[0], last = s.sigmas[n - 1];
  if (n == 1) {
    x = s.denoise(x, first);
    return;
  }
  for (int i = 0, left = n; i < count; ++i) {
    const int order = left == 3 ? 2 : std::min(left, 3);
    const double sigma = between(first, last, double(i) / count),
                 sigma_next = between(first, last, double(i + 1) / count);
    const auto [down, up] = ancestral_step_above(last, sigma, sigma_next, s.settings[kEtaOfNone]);
    step(s, x, sigma, down, order);
    const double amount = up * s.settings[kNoise];
    if (amount > 0) x = x + amount * s.noise(sigma, sigma_next);
    left -= order;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpm_fast);
