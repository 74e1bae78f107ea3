// Sigmas on a power curve in log sigma: rho below 1 makes more steps at high sigmas, rho above 1 at low sigmas; rho 1
// is exponential. Not for few steps.
//
//   sigma_i = sigma_min (sigma_max / sigma_min)^((1 - i/(n-1))^rho),   i = 0 .. n-1;   sigma_n = 0
//
// Crowson, k-diffusion, get_sigmas_polyexponential.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"

namespace {
using namespace calotype;

constexpr Setting kRho =
    number("rho", 1, 0.1, 100, "1 spaces evenly in log sigma; a larger rho makes more steps at low sigmas");

constexpr Info kInfo{
    .id = "polyexponential",
    .aliases = {"poly_exponential"},
    .label = "Polyexponential",
    .summary = "a power curve in log sigma; rho moves steps from high to low sigmas; not for few steps",
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
