// Even time steps of the cosine schedule, within the model's sigmas: most steps at middle sigmas, like kl_optimal. Not
// for images whose layout matters most.
//
//   cos(phi) = cos(phi_0) / sqrt(1 + (sigma/shift)^2),   phi_0 = offset/(1 + offset) pi/2
//   phi_i = (1 - i/(n-1)) phi(sigma_max) + i/(n-1) phi(sigma_min),   sigma_i = sigma(phi_i),   i = 0 .. n-1
//   sigma_n = 0
//
// Nichol, Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", eq. 17, arXiv:2102.09672, where phi is (t
// + s)/(1 + s) pi/2 and s the offset. shift, for larger images: Hoogeboom, Heek, Salimans 2023, "simple diffusion",
// section 3.1, arXiv:2301.11093. With offset 0 and shift 1 it is kl_optimal.
#include <numbers>

#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"

namespace {
using namespace calotype;

constexpr Setting kOffset =
    number("offset", 0.008, 0, 1, "the paper's s; a larger offset makes fewer steps at low sigmas");
constexpr Setting kShift =
    number("shift", 1, 0.1, 10, "image size / size for which the schedule was made; a larger shift raises the sigmas");

constexpr Info kInfo{.id = "cosine",
                     .label = "Cosine",
                     .summary = "even time steps of the cosine schedule: detail; not where the layout matters most",
                     .citation = "Nichol, Dhariwal 2021, eq. 17, arXiv:2102.09672",
                     .category = "Specialized",
                     .best_for = "detail",
                     .steps = {15, 40},
                     .pairs_with = "dpmpp_2m",
                     .settings = {kOffset, kShift, kSigmaMin, kSigmaMax}};

std::vector<double> cosine(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto range = model_range(steps, levels, settings);
  const double shift = settings[kShift], offset = settings[kOffset];
  const double top = std::cos(offset / (1 + offset) * std::numbers::pi / 2);
  const auto angle = [&](double sigma) { return std::acos(top / std::hypot(1, sigma / shift)); };
  const double first = angle(range.max), last = angle(range.min);
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        if (i == 0) return range.max;
        const double part = double(i) / (n - 1), ratio = top / std::cos((1 - part) * first + part * last);
        return shift * std::sqrt((ratio - 1) * (ratio + 1));
      },
      "sigmas between sigma_min and sigma_max run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, cosine);
