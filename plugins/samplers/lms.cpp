// Linear multistep: the slope along the step is the polynomial through the last slopes. One model evaluation a step.
// Not for few steps or strong guidance, where old slopes mislead.
//
//   d_j = (x_j - D(x_j; sigma_j)) / sigma_j
//   x' = x + sum_j d_j int_sigma^sigma' prod_{k != j} (s - sigma_k) / (sigma_j - sigma_k) ds
//
// lms: the last step is x' = D, as in ComfyUI. lms@diffusers: the last step is like the others, as in k-diffusion,
// A1111 and diffusers. lms@stable-diffusion.cpp: like lms@diffusers, but with d_(i-1), d_(i-1), d_(i-2) instead of
// d_(i-1), d_(i-2), d_(i-3).
//
// Adams-Bashforth for uneven steps: Hairer, Norsett, Wanner 1993, "Solving Ordinary Differential Equations I", III.5;
// Crowson, k-diffusion, sample_lms. The integrals are exact.
#include "samplers/slopes.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kOrder = integer("order", kMostSlopes, 1, kMostSlopes, "number of slopes; 1 is euler");

constexpr Info kInfo{
    .id = "lms",
    .label = "LMS",
    .summary = "fourth order from past slopes, one model evaluation a step; not for few steps or strong guidance",
    .citation = "Hairer, Norsett, Wanner 1993, III.5",
    .origin = "ComfyUI",
    .category = "Basic",
    .best_for = "20 steps and more without strong guidance",
    .steps = {15, 40},
    .pairs_with = "lms",
    .order = 2,
    .evaluations = {1, 0},
    .settings = {kOrder}};
constexpr Info kDiffusers =
    variant(kInfo, "lms@diffusers", "LMS (diffusers)",
            "lms with past slopes in the last step too, as k-diffusion, A1111, diffusers; not for few steps");

consteval Info shifted_info() {
  Info info =
      variant(kInfo, "lms@stable-diffusion.cpp", "LMS (stable-diffusion.cpp)",
              "lms with older slopes shifted by one step, as stable-diffusion.cpp; first order, not for many steps");
  info.order = 1;
  return info;
}
constexpr Info kShifted = shifted_info();

/// The integral from `from` to `to` of the polynomial that is 1 at nodes[j] and 0 at the others. Gauss-Legendre with
/// two points is exact up to cubics, the degree for four nodes.
double weight(std::span<const double> nodes, size_t j, double from, double to) {
  double sum = 0;
  for (const double point : {-1 / std::sqrt(3.0), 1 / std::sqrt(3.0)}) {
    const double sigma = (from + to) / 2 + (to - from) / 2 * point;
    double product = (to - from) / 2;
    for (size_t k = 0; k < nodes.size(); ++k)
      if (k != j) product *= (sigma - nodes[k]) / (nodes[j] - nodes[k]);
    sum += product;
  }
  return sum;
}

void pass(const Sampling& s, Latents& x, LastStep last, bool is_shifted = false) {
  const int most = int(s.settings.integer(kOrder));
  solve_by_slopes(
      s, x,
      [&](int i) {
        const int order = std::min(i + 1, most);
        const auto nodes = s.sigmas.subspan(i + 1 - order, order);  // the newest comes last
        SlopeWeights w{};
        for (int j = 0; j < order; ++j) w[j] = weight(nodes, order - 1 - j, s.sigmas[i], s.sigmas[i + 1]);
        if (is_shifted) w = {w[0], w[1] + w[2], w[3]};
        return w;
      },
      last);
}

void lms(const Sampling& s, Latents& x) {
  pass(s, x, LastStep::takes_denoised);
}
void lms_diffusers(const Sampling& s, Latents& x) {
  pass(s, x, LastStep::is_as_others);
}
void lms_shifted(const Sampling& s, Latents& x) {
  pass(s, x, LastStep::is_as_others, /*is_shifted=*/true);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, lms);
CALOTYPE_SAMPLER_ENTRY(kDiffusers, lms_diffusers);
CALOTYPE_SAMPLER_ENTRY(kShifted, lms_shifted);
