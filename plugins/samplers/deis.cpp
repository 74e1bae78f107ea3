// DEIS-tab: the slope along the step is the polynomial through the last slopes, in diffusion time instead of sigma.
// Third order in form from one model evaluation a step; good at 8 to 20 steps. Not for strong guidance.
//
//   d_j = (x_j - D(x_j; sigma_j)) / sigma_j
//   x' = x + sum_j d_j int_sigma^sigma' prod_{k != j} (t(s) - t_k) / (t_j - t_k) ds;   the last step is x' = D
//
// deis: t is the time of a variance-preserving process that reaches sigma 0.002 at time 0.001 and 80 at time 1, as in
// ComfyUI. ComfyUI replaces the integral by a sum of 10,000 points; the difference between sum and integral is here
// too. deis@diffusers: t = ln(s) and two slopes; in fewer than 15 steps, the last step but one uses at most two. If
// final_sigma is 0, its last step is x' = D too. Else the last step uses one slope, and from 15 steps on as many as the
// others.
//
// Zhang, Chen 2022, "Fast sampling of diffusion models with exponential integrator", tAB-DEIS, arXiv:2204.13902.
#include "samplers/final_sigma.h"
#include "samplers/slopes.h"
#include "samplers/variant.h"

namespace {
using namespace calotype;

constexpr int kMost = 3;
constexpr Setting kOrder = integer("order", kMost, 1, kMost, "number of slopes; 1 is euler");
constexpr Setting kLogOrder = integer("order", 2, 1, kMost, "number of slopes; 1 is euler");

constexpr Info kInfo{
    .id = "deis",
    .label = "DEIS",
    .summary = "three past slopes, exponential integrator in diffusion time; not for strong guidance at few steps",
    .citation = "Zhang, Chen 2022, tAB-DEIS, arXiv:2204.13902",
    .origin = "ComfyUI",
    .category = "Structure",
    .best_for = "8 to 20 steps without strong guidance",
    .steps = {8, 30},
    .pairs_with = "karras",
    .order = 2,
    .evaluations = {1, 0},
    .settings = {kOrder}};
consteval Info log_info() {
  Info info = variant(kInfo, "deis@diffusers", "DEIS (diffusers)",
                      "deis with two slopes and polynomials in log sigma, as diffusers; not for very few steps");
  info.best_for = "10 to 20 steps";
  info.settings[0] = kLogOrder;
  info.settings[1] = kFinalSigma;
  return info;
}
constexpr Info kLogInfo = log_info();

/// Diffusion time as a function of sigma, and the derivative of its inverse.
struct Time {
  static constexpr double kFirst = 1e-3, kLow = 0.002, kHigh = 80;
  const double low = std::log1p(kLow * kLow), high = std::log1p(kHigh * kHigh);
  const double beta_d = 2 * (low / kFirst - high) / (kFirst - 1), beta_min = high - beta_d / 2;

  double operator()(double sigma) const {
    const double log = std::log1p(sigma * sigma);
    return 2 * log / (std::sqrt(beta_min * beta_min + 2 * beta_d * log) + beta_min);
  }
  double dsigma(double sigma) const { return (beta_d * (*this)(sigma) + beta_min) * (1 + sigma * sigma) / (2 * sigma); }
};

/// The value at sigma of the polynomial in time(sigma) that is 1 at node j and 0 at the others.
template <class TimeOf>
double polynomial(std::span<const double> nodes, int j, double sigma, const TimeOf& time) {
  double product = 1;
  for (int k = 0; k < int(nodes.size()); ++k)
    if (k != j) product *= (time(sigma) - time(nodes[k])) / (time(nodes[j]) - time(nodes[k]));
  return product;
}

/// The integral of this polynomial over sigma: Gauss-Legendre in log sigma.
template <class TimeOf>
double integral(std::span<const double> nodes, int j, double from, double to, const TimeOf& time) {
  constexpr int kPanels = 16;
  const double h = std::log(to / from) / kPanels;
  double sum = 0;
  for (int panel = 0; panel < kPanels; ++panel)
    for (const auto [abscissa, weight] :
         {std::array{-0.7745966692414834, 5 / 18.0}, {0.0, 4 / 9.0}, {0.7745966692414834, 5 / 18.0}}) {
      const double sigma = from * std::exp(h * (panel + (1 + abscissa) / 2));
      sum += weight * h * sigma * polynomial(nodes, j, sigma, time);
    }
  return sum;
}

/// Runs over `sigmas`, which are s.sigmas except perhaps for the last.
template <class TimeOf>
void pass(const Sampling& s, std::span<const double> sigmas, Latents& x, auto&& most, const TimeOf& time,
          auto&& correct) {
  const auto weights = [&](int i) {
    const int order = std::min(i + 1, most(i));
    const auto nodes = sigmas.subspan(i + 1 - order, order);
    SlopeWeights w{sigmas[i + 1] - sigmas[i]};
    for (int j = 0; j < order && order > 1; ++j) {
      const int node = order - 1 - j;  // the oldest comes first
      w[j] = correct(integral(nodes, node, sigmas[i], sigmas[i + 1], time), nodes, node, sigmas[i + 1]);
    }
    return w;
  };
  solve_by_slopes(s, x, weights, sigmas.back() == 0 ? LastStep::takes_denoised : LastStep::is_as_others);
}

void deis(const Sampling& s, Latents& x) {
  const Time time;
  // the sum of n points, each of width T/n but T/(n-1) apart: too much of the ends, too little of the rest
  const auto as_summed = [&](double exact, std::span<const double> nodes, int j, double to) {
    constexpr double kPoints = 10000;
    const double from = nodes.back(), at_start = time.dsigma(from) * polynomial(nodes, j, from, time),
                 at_end = time.dsigma(to) * polynomial(nodes, j, to, time);
    return exact + ((time(to) - time(from)) * (at_start + at_end) / 2 - exact) / kPoints;
  };
  pass(s, s.sigmas, x, [&](int) { return int(s.settings.integer(kOrder)); }, time, as_summed);
}

void deis_by_log(const Sampling& s, Latents& x) {
  const auto log = [](double sigma) { return std::log(sigma); };
  const auto most = [&](int i) {
    const int left = s.steps() - i;
    return std::min(int(s.settings.integer(kLogOrder)), s.steps() < 15 ? left : kMost);
  };
  const auto sigmas = to_final_sigma(s);
  pass(s, sigmas, x, most, log, [](double exact, auto&&...) { return exact; });
  scale_from(sigmas.back(), x);
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, deis);
CALOTYPE_SAMPLER_ENTRY(kLogInfo, deis_by_log);
