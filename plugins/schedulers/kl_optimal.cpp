// Even steps of the angle whose tangent is sigma: the smallest error (KL divergence) for data that is one Gaussian. It
// makes few steps at high sigmas. Not for images whose layout matters most.
//
//   sigma_i = tan((1 - i/(n-1)) atan(sigma_max) + i/(n-1) atan(sigma_min)),   i = 0 .. n-1;   sigma_n = 0
//
// Sabour, Fidler, Kreis 2024, "Align Your Steps", theorem 3.1, arXiv:2404.14507. AUTOMATIC1111 divides by n and ends at
// sigma_min, so noise remains in the image; kl_optimal@a1111 has the same sigmas, but the last is 0.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "kl_optimal",
                     .label = "KL Optimal",
                     .summary = "even steps of atan(sigma): detail from few steps; not where the layout matters most",
                     .citation = "Sabour et al. 2024, theorem 3.1, arXiv:2404.14507",
                     .origin = "ComfyUI",
                     .category = "Efficiency",
                     .best_for = "detail",
                     .steps = {10, 30},
                     .pairs_with = "dpmpp_2m",
                     .settings = {kSigmaMin, kSigmaMax}};

constexpr Info kA1111 = with_settings(variant(kInfo, "kl_optimal@a1111", "",
                                              "kl_optimal with a longer last step, as AUTOMATIC1111, but down to 0; "
                                              "not for few steps"),
                                      kSigmaMax);

/// The first n of n + more even angles from sigma_max to sigma_min.
std::vector<double> even_angles(int steps, int more, SigmaRange range) {
  const double first = std::atan(range.max), last = std::atan(range.min);
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double part = i ? double(i) / (n - 1 + more) : 0;
        return i ? std::tan((1 - part) * first + part * last) : range.max;
      },
      "sigmas between sigma_min and sigma_max run out");
}

std::vector<double> kl_optimal(int steps, const ModelSigmas& levels, const Settings& settings) {
  return even_angles(steps, 0, model_range(steps, levels, settings));
}
std::vector<double> kl_optimal_a1111(int steps, const ModelSigmas& levels, const Settings& settings) {
  return even_angles(steps, 1, range_to_least(steps, levels, settings));
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, kl_optimal);
CALOTYPE_SCHEDULER_ENTRY(kA1111, kl_optimal_a1111);
