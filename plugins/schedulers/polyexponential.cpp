// Sigmas on a power curve in their logarithm: rho below 1 lingers at much noise, above 1 at little. Not for few
// steps; at rho 1 it is exponential.
//
//   sigma_i = sigma_min (sigma_max / sigma_min)^((1 - i/(n-1))^rho),   i = 0 .. n-1;   sigma_n = 0
//
// Crowson, k-diffusion, get_sigmas_polyexponential.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"

namespace {
using namespace calotype;

constexpr Setting kRho =
    number("rho", 1, 0.1, 100, "1 spaces evenly in log sigma; the larger, the more steps at little noise");

constexpr Info kInfo{
    .id = "polyexponential",
    .aliases = {"poly_exponential"},
    .label = "Polyexponential",
    .summary = "a power curve in log sigma; rho moves steps from much noise to little; not for few steps",
    .citation = "Crowson, k-diffusion, get_sigmas_polyexponential",
    .origin = "k-diffusion",
    .category = "Specialized",
    .best_for = "dark",
    .steps = {20, 45},
    .pairs_with = "dpmpp_2m",
    .settings = {kRho, kSigmaMin, kSigmaMax}};

std::vector<double> polyexponential(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto range = model_range(steps, levels, settings);
  const double rho = settings[kRho];
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        return i ? range.min * std::pow(range.max / range.min, std::pow(1 - double(i) / (n - 1), rho)) : range.max;
      },
      "sigmas between sigma_min and sigma_max run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, polyexponential);
