// Sigmas that are even in sigma^(1/rho): most steps at middle and low sigmas, where shapes and detail form. Not for
// fewer than 8 steps.
//
//   sigma_i = (sigma_max^(1/rho) + i/(n-1) (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho,   i = 0 .. n-1;   sigma_n = 0
//
// Karras, Aittala, Aila, Laine 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", eq. 5,
// arXiv:2206.00364. ComfyUI, AUTOMATIC1111 and diffusers' DPM-Solver use the model's sigma_max and sigma_min.
// diffusers' Euler uses the sigmas of the first and the last timestep of its spacing, which leaves out the highest or
// the lowest sigmas.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Setting kRho =
    number("rho", 7, 1, 100, "1 spaces evenly in sigma; a larger rho makes more steps at low sigmas");

constexpr Info kInfo{.id = "karras",
                     .label = "Karras",
                     .summary = "sigmas even in sigma^(1/7): clear structure; not for fewer than 8 steps",
                     .citation = "Karras et al. 2022, eq. 5, arXiv:2206.00364",
                     .origin = "k-diffusion",
                     .category = "Basic",
                     .best_for = "structure",
                     .steps = {20, 35},
                     .pairs_with = "dpmpp_2m",
                     .settings = {kRho, kSigmaMin, kSigmaMax, kRange}};

/// karras under the name of its sampler.
constexpr Info kDpmInfo = [] {
  Info info = variant(kInfo, "dpm_pp_2m_karras", "dpmpp_2m_karras",
                      "karras under the name of its sampler: clear structure; not for fewer than 8 steps");
  info.category = "DPM";
  info.recommended = true;
  return info;
}();

constexpr Info kSdeInfo = [] {
  Info info = variant(kDpmInfo, "dpm_pp_2m_sde_karras", "dpmpp_2m_sde_gpu",
                      "the sigmas of karras for a sampler that adds noise: fine texture; not for few steps");
  info.aliases[1] = "dpmpp_2m_sde_karras";
  info.recommended = true;
  info.best_for = "texture";
  info.steps[0] = 30;
  info.steps[1] = 45;
  info.pairs_with = "dpmpp_2m_sde";
  return info;
}();

constexpr Info kLeading =
    variant(kInfo, "karras@diffusers-leading", "",
            "karras from the first sigma of leading timesteps, as diffusers' Euler; not for dark or bright images",
            defaulting(kRange, "leading"));
constexpr Info kTrailing =
    variant(kInfo, "karras@diffusers-trailing", "",
            "karras to the last sigma of trailing timesteps, as diffusers' Euler; not for few steps",
            defaulting(kRange, "trailing"));

std::vector<double> karras(int steps, const ModelSigmas& levels, const Settings& settings) {
  const double rho = settings[kRho];
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const auto [min, max] = chosen_range(n, levels, settings);
        const double first = std::pow(max, 1 / rho), last = std::pow(min, 1 / rho);
        return i ? std::pow(first + double(i) / (n - 1) * (last - first), rho) : max;
      },
      "sigmas between sigma_min and sigma_max run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, karras);
CALOTYPE_SCHEDULER_ENTRY(kDpmInfo, karras);
CALOTYPE_SCHEDULER_ENTRY(kSdeInfo, karras);
CALOTYPE_SCHEDULER_ENTRY(kLeading, karras);
CALOTYPE_SCHEDULER_ENTRY(kTrailing, karras);
