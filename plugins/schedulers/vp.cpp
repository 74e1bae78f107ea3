// Even steps in the time of a variance-preserving process with linear beta. It does not adapt to the model: its
// defaults start at sigma 152, ten times the highest sigma of SDXL. Not for models with other sigmas.
//
//   t_i = 1 - i/(n-1) (1 - eps_s),   sigma_i = sqrt(exp(beta_d t_i^2 / 2 + beta_min t_i) - 1),   i = 0 .. n-1
//   sigma_n = 0
//
// Song, Sohl-Dickstein, Kingma, Kumar, Ermon, Poole 2021, "Score-Based Generative Modeling through Stochastic
// Differential Equations", arXiv:2011.13456, in the form of Karras et al. 2022, table 1, arXiv:2206.00364.
#include <calotype/scheduler.h>

#include "schedulers/falling.h"

namespace {
using namespace calotype;

constexpr Setting kBetaD = number("beta_d", 19.9, 0.1, 100, "growth of beta from time 0 to 1");
constexpr Setting kBetaMin = number("beta_min", 0.1, 0, 100, "beta at time 0");
constexpr Setting kEpsS = number("eps_s", 1e-3, 1e-6, 0.5, "time of the last sigma above 0");

constexpr Info kInfo{
    .id = "vp",
    .label = "VP",
    .summary = "even time steps of a variance-preserving process; not for SDXL: it starts at sigma 152",
    .citation = "Song et al. 2021, arXiv:2011.13456",
    .origin = "k-diffusion",
    .category = "Specialized",
    .best_for = "other models",
    .steps = {20, 50},
    .pairs_with = "euler",
    .settings = {kBetaD, kBetaMin, kEpsS}};

std::vector<double> vp(int steps, const ModelSigmas&, const Settings& settings) {
  const double beta_d = settings[kBetaD], beta_min = settings[kBetaMin], eps_s = settings[kEpsS];
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double t = n == 1 ? 1 : 1 - double(i) / (n - 1) * (1 - eps_s);
        return std::sqrt(std::expm1(beta_d * t * t / 2 + beta_min * t));
      },
      "sigmas of the process run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, vp);
