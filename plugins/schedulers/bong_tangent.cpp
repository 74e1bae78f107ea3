// Two falling arctangents that meet halfway between sigma_max and sigma_min: many steps at high sigmas and at low
// sigmas, few between. Not for few steps.
//
//   m = n+2,   k = floor(3m/5),   middle = (sigma_max + sigma_min) / 2,   v(x) = atan(8/m (pivot - x))
//   i = 0 .. k-2:    sigma_i = middle + (v(i) - v(k-1)) / (v(0) - v(k-1)) (sigma_max - middle),            pivot = k
//   i = k-1 .. n-1:  sigma_i = sigma_min + (v(j) - v(m-k-1)) / (v(0) - v(m-k-1)) (middle - sigma_min),     pivot = 0
//                    j = i-k+1;   sigma_n = 0
//
// ClownsharkBatwing, RES4LYF, always with sigmas from 1 to 0: bong_tangent@res4lyf. The plain name is
// stable-diffusion.cpp's form, from the model's sigma_max to its sigma_min. Departure: there a single step starts at
// the middle, here at sigma_max.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "bong_tangent",
                     .label = "Bong Tangent",
                     .summary = "two arctangents: steps at high and at low sigmas, few between; not for few steps",
                     .citation = "ClownsharkBatwing, RES4LYF, bong_tangent_scheduler",
                     .origin = "stable-diffusion.cpp",
                     .category = "Specialized",
                     .best_for = "texture",
                     .steps = {20, 50},
                     .pairs_with = "dpmpp_2m",
                     .settings = {kSigmaMax}};

constexpr Info kRes4lyf = [] {
  Info info = with_settings(
      variant(kInfo, "bong_tangent@res4lyf", "",
              "bong_tangent from sigma 1 for flow models, as RES4LYF; not for SDXL, which starts at a higher sigma"));
  info.best_for = "flow models";
  info.is_for_flow = true;
  return info;
}();

/// The falling arctangent through `first` at x = 0 and `last` at x = count-1.
double bend(int x, int count, double slope, int pivot, double first, double last) {
  const auto v = [&](int at) { return std::atan(slope * (pivot - at)); };
  return last + (v(x) - v(count - 1)) / (v(0) - v(count - 1)) * (first - last);
}

std::vector<double> between(int steps, double max, double min) {
  const double middle = (max + min) / 2;
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const int m = n + 2, k = 3 * m / 5;
        if (i == 0) return max;
        return i < k - 1 ? bend(i, k, 8.0 / m, k, max, middle) : bend(i - k + 1, m - k, 8.0 / m, 0, middle, min);
      },
      "sigmas below sigma_max run out");
}

std::vector<double> bong_tangent(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto range = range_to_least(steps, levels, settings);
  return between(steps, range.max, range.min);
}
std::vector<double> bong_tangent_res4lyf(int steps, const ModelSigmas&, const Settings&) {
  return between(steps, 1, 0);
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, bong_tangent);
CALOTYPE_SCHEDULER_ENTRY(kRes4lyf, bong_tangent_res4lyf);
