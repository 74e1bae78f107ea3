// UniPC: predicts each step from the last denoised, and corrects it with the one that the next step evaluates anyway.
// Third order from one model evaluation a step; good at 8 to 20 steps. Not for strong guidance below 20 steps.
//
//   h = ln(sigma / sigma'),   r_k = ln(sigma / sigma_(i-k)) / h,   B = -h (bh1) or e^-h - 1 (bh2)
//   x' = sigma'/sigma x - (e^-h - 1) D_i - B sum_k rho_k (D_(i-k) - D_i) / r_k
//
// The predictor sums over the D before D_i; the corrector also over D_(i+1), with r = 1. The rho solve sum_k r_k^(n-1)
// rho_k = n! phi_(n+1)(-h) (-h)^n / B; those of the predictor's second and the corrector's first order are 1/2. The
// last step has order 1 and no corrector. In uni_pc@diffusers it goes to 0, so that x' = D. In uni_pc and uni_pc_bh2 it
// goes to 0.001, as in ComfyUI, so a thousandth of the noise remains. Departure: for one step ComfyUI returns the
// noise; here it is D as well. uni_pc@a1111 ends at timestep 0, as uni_pc@diffusers does with final_sigma, and scales
// as there: x / sqrt(1 + final_sigma^2).
//
// Zhao et al. 2023, "UniPC", section 3 and appendix A, arXiv:2302.04867, for predictions of the clean image.
#include <calotype/sampler.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "samplers/final_sigma.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr int kMost = 3;
constexpr Setting kOrder = integer("order", kMost, 1, kMost, "number of predictions that a step uses");
constexpr Setting kOrder2 =
    integer("order", 2, 1, kMost, "number of predictions that a step uses; 3 for images without guidance");
consteval Setting solver(std::string_view value) {
  return choice(
      "solver_type", value, "bh1|bh2",
      "bh1: B(h) = h, for few steps without guidance; bh2: B(h) = e^h - 1; not for strong guidance below 20 steps");
}
constexpr Setting kSolver = solver("bh2");

constexpr Info kBh1{.id = "uni_pc",
                    .label = "UniPC",
                    .summary = "predictor and corrector, B(h) = h: few steps without guidance; not for strong guidance",
                    .citation = "Zhao et al. 2023, arXiv:2302.04867",
                    .origin = "ComfyUI",
                    .category = "Structure",
                    .best_for = "8 to 20 steps without strong guidance",
                    .steps = {8, 30},
                    .pairs_with = "dpm_pp_2m_karras",
                    .order = 3,
                    .evaluations = {1, 0},
                    .settings = {kOrder}};
constexpr Info kBh2 = variant(kBh1, "uni_pc_bh2", "UniPC BH2",
                              "predictor and corrector, B(h) = e^h - 1; not for strong guidance below 20 steps");
consteval Info diffusers_info() {
  Info info = variant(kBh1, "uni_pc@diffusers", "UniPC (diffusers)",
                      "uni_pc_bh2 of order 2 that ends at sigma 0, as diffusers; not for strong guidance at 5 steps");
  info.best_for = "10 to 20 steps";
  info.settings[0] = kOrder2;
  info.settings[1] = kSolver;
  info.settings[2] = kFinalSigma;
  return info;
}
constexpr Info kDiffusers = diffusers_info();
consteval Info a1111_info() {
  Info info =
      variant(kBh1, "uni_pc@a1111", "UniPC",
              "uni_pc ending at timestep 0, as AUTOMATIC1111: noise remains; not for strong guidance at 5 steps");
  info.pairs_with = "sgm_uniform";
  info.order = info.evaluations[0] = info.evaluations[1] = 0;
  info.settings[1] = solver("bh1");
  info.settings[2] = final_sigma_of(kSigmaAt0);
  return info;
}
constexpr Info kA1111 = a1111_info();

using Numbers3 = std::array<double, kMost>;

/// The rho for n ratios r and a step of -h.
Numbers3 weights(Numbers3 r, int n, double minus_h, double b) {
  double rows[kMost][kMost + 1], phi = std::expm1(minus_h) / minus_h - 1, factorial = 1;
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < n; ++k) rows[i][k] = std::pow(r[k], i);
    rows[i][n] = phi * factorial / b;
    factorial *= i + 2;
    phi = phi / minus_h - 1 / factorial;
  }
  for (int i = 0; i < n; ++i)  // the ratios differ, so a pivot is 0 only by rounding
    for (int j = 0; j < n; ++j)
      if (const double f = rows[j][i] / rows[i][i]; j != i)
        for (int k = i; k <= n; ++k) rows[j][k] -= f * rows[i][k];
  Numbers3 rho{};
  for (int i = 0; i < n; ++i) rho[i] = rows[i][n] / rows[i][i];
  return rho;
}

/// The weights of x and of each D in x': `past` for those at sigmas[i], sigmas[i-1], ..., `next` for the one at
/// sigmas[i+1].
struct Step {
  double x, next = 0;
  Numbers3 past{};

  Step(std::span<const double> sigmas, int i, int order, bool corrects, bool bh2) {
    const double h = std::log(sigmas[i] / sigmas[i + 1]), e = std::expm1(-h), b = bh2 ? e : -h;
    Numbers3 r{}, rho{0.5};
    const int n = order - 1 + corrects;
    for (int k = 1; k < order; ++k) r[k - 1] = std::log(sigmas[i] / sigmas[i - k]) / h;
    if (corrects) r[order - 1] = 1;
    if (n > 1 || (corrects && order > 1)) rho = weights(r, n, -h, b);
    x = sigmas[i + 1] / sigmas[i];
    past[0] = -e;
    for (int k = 0; k < n; ++k) {
      const double weight = b * rho[k] / r[k];
      past[0] += weight;
      (k == order - 1 ? next : past[k + 1]) -= weight;
    }
  }
};

/// Runs over `sigmas`, which are s.sigmas except perhaps for the last. `scale`: of the result.
void pass(const Sampling& s, std::span<const double> sigmas, Latents& x, int most, bool bh2, double scale = 1) {
  const int steps = int(sigmas.size()) - 1;
  const double end = sigmas.back();
  Latents before;                // x at the last sigma, corrected
  std::array<Latents, kMost> d;  // newest first
  int order = 0;
  for (int i = 0;; ++i) {
    const bool is_last = i == steps - 1;
    const double sigma = sigmas[i];
    Latents denoised = s.denoise(x, sigma);
    if (is_last && end == 0) {
      x = std::move(denoised);
      return;
    }
    if (i > 0) {
      const Step c(sigmas, i - 1, order, /*corrects=*/true, bh2);
      x = c.x * before + c.past[0] * d[0] + c.past[1] * d[1] + c.past[2] * d[2] + c.next * denoised;
    }
    if (is_last) {
      x = scale * end / sigma * x + scale * (1 - end / sigma) * denoised;
      return;
    }
    std::rotate(d.begin(), d.end() - 1, d.end());
    d[0] = std::move(denoised);
    order = std::min({most, i + 1, steps - i});
    const Step p(sigmas, i, order, /*corrects=*/false, bh2);
    std::swap(before, x);
    x = p.x * before + p.past[0] * d[0] + p.past[1] * d[1] + p.past[2] * d[2];
  }
}

void pass_as_comfyui(const Sampling& s, Latents& x, bool bh2) {
  constexpr double kEnd = 1e-3;
  std::vector<double> sigmas(s.sigmas.begin(), s.sigmas.end());
  if (s.steps() > 1 && sigmas[s.steps() - 1] > kEnd) sigmas.back() = kEnd;
  pass(s, sigmas, x, s.settings.integer(kOrder), bh2);
}

void uni_pc(const Sampling& s, Latents& x) {
  pass_as_comfyui(s, x, false);
}
void uni_pc_bh2(const Sampling& s, Latents& x) {
  pass_as_comfyui(s, x, true);
}
void uni_pc_to_final_sigma(const Sampling& s, Latents& x) {
  const auto sigmas = until_final_sigma(s);
  pass(s, sigmas, x, s.settings.integer(kOrder), s.settings.text(kSolver) == "bh2", scale_at(sigmas.back()));
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kBh1, uni_pc);
CALOTYPE_SAMPLER_ENTRY(kBh2, uni_pc_bh2);
CALOTYPE_SAMPLER_ENTRY(kDiffusers, uni_pc_to_final_sigma);
CALOTYPE_SAMPLER_ENTRY(kA1111, uni_pc_to_final_sigma);
