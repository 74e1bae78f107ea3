// Linear multistep: the slope along the step is the polynomial through the last slopes. One model call a step; not for few
// steps or strong guidance, where old slopes mislead.
//
//   d_j = (x_j - D(x_j; sigma_j)) / sigma_j
//   x' = x + sum_j d_j int_sigma^sigma' prod_{k != j} (s - sigma_k) / (sigma_j - sigma_k) ds
//
// Adams-Bashforth for uneven steps: Hairer, Norsett, Wanner 1993, "Solving Ordinary Differential Equations I", III.5;
// Crowson, k-diffusion, sample_lms. The integrals are exact.
#include <calotype/ode.h>
#include <calotype/sampler.h>

namespace {
using namespace calotype;

constexpr int kMost = 4;
constexpr Setting kOrder = integer("order", kMost, 1, kMost, "how many slopes are used; 1 is euler");

constexpr Info kInfo{.id = "lms",
                     .label = "LMS",
                     .summary = "fourth order from past slopes, one model call a step; not for few steps or strong guidance",
                     .citation = "Hairer, Norsett, Wanner 1993, III.5",
                     .category = "Basic",
                     .pairs_with = "lms",
                     .settings = {kOrder}};

/// Integral from `from` to `to` of the polynomial that is 1 at nodes[j] and 0 at the others: Gauss-Legendre with two points,
/// exact up to cubics, which is what four nodes make.
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

void lms(const Sampling& s, Latents& x) {
  std::array<Latents, kMost> d;  // newest last
  for (int i = 0; i < s.steps(); ++i) {
    const size_t order = std::min(i + 1, s.settings.integer(kOrder));
    const auto nodes = s.sigmas.subspan(i + 1 - order, order);
    std::array<double, kMost> c{};
    for (size_t j = 0; j < order; ++j) c[kMost - order + j] = weight(nodes, j, s.sigmas[i], s.sigmas[i + 1]);

    const Latents denoised = s.denoise(x, s.sigmas[i]);
    std::rotate(d.begin(), d.begin() + 1, d.end());
    d[3] = slope(x, denoised, s.sigmas[i]);
    x = x + c[0] * d[0] + c[1] * d[1] + c[2] * d[2] + c[3] * d[3];
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY_PROMISING(kInfo, lms, 2, 1, 0);
