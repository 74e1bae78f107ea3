// Small equal steps at the highest sigmas, then growing ones. Made for flow models: with SDXL half the steps go to
// sigmas at which little of the image is decided. Not a first choice for SDXL.
//
//   x_i = theta i / L,           i = 0 .. L-1;   theta: threshold_noise, L: linear_steps
//   x_i = a (i^2 + L^2) + b i,   i = L .. n-1;   a = d / (L (n-L)^2), b = theta/L - 2 d / (n-L)^2, d = L - theta n
//   sigma_i = (1 - x_i) sigma_max;   sigma_n = 0
//
// Genmo 2024, Mochi 1, linear_quadratic_schedule. Value and slope of the two parts are equal where they meet.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"

namespace {
using namespace calotype;

constexpr Setting kThreshold =
    number("threshold_noise", 0.025, 1e-4, 0.99, "part of sigma_max that the equal steps remove");
constexpr Setting kLinearSteps =
    integer("linear_steps", 0, 0, 999, "number of equal steps; 0: half of all").with_unit("steps");

constexpr Info kInfo{
    .id = "linear_quadratic",
    .label = "Linear Quadratic",
    .summary = "small equal steps at high sigmas, then growing ones: for flow models; not a first choice for SDXL",
    .citation = "Genmo 2024, Mochi 1, linear_quadratic_schedule",
    .origin = "ComfyUI",
    .category = "Specialized",
    .best_for = "flow models",
    .steps = {20, 60},
    .pairs_with = "euler",
    .settings = {kThreshold, kLinearSteps, kSigmaMax}};

std::vector<double> linear_quadratic(int steps, const ModelSigmas& levels, const Settings& settings) {
  const double theta = settings[kThreshold], largest = settings.value_or(kSigmaMax, levels.sigma_max());
  const int given = settings.integer(kLinearSteps);
  if (given >= steps && steps > 1)
    throw Error("linear_steps: want less than the " + std::to_string(steps) + " steps, got " + std::to_string(given));
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double linear = given ? given : n / 2, quadratic = n - linear, d = linear - theta * n;
        if (i < linear || i == 0) return (i ? 1 - theta * i / linear : 1) * largest;
        const double a = d / (linear * quadratic * quadratic), b = theta / linear - 2 * d / (quadratic * quadratic);
        return (1 - (a * i * i + b * i + a * linear * linear)) * largest;
      },
      "threshold_noise leaves too little for the growing steps");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, linear_quadratic);
