// Sigmas that are even in log sigma: more steps at low sigmas than karras, so dark and flat areas come out clean. Not
// for few steps, because large shapes get few of them.
//
//   sigma_i = sigma_max (sigma_min / sigma_max)^(i/(n-1)),   i = 0 .. n-1;   sigma_n = 0
//
// Zhang, Chen 2022, "Fast Sampling of Diffusion Models with Exponential Integrator", arXiv:2204.13902. The steps are
// equal in log SNR, as in Lu et al. 2022, "DPM-Solver", arXiv:2206.00927: use_lu_lambdas in diffusers. As for karras,
// diffusers' Euler takes both ends from the timesteps of its spacing.
#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "exponential",
                     .aliases = {"exp", "lu", "lambdas"},
                     .label = "Exponential",
                     .summary = "sigmas even in log sigma: clean dark areas; not for few steps",
                     .citation = "Lu et al. 2022, arXiv:2206.00927",
                     .origin = "k-diffusion",
                     .category = "Specialized",
                     .best_for = "dark",
                     .steps = {35, 45},
                     .pairs_with = "dpmpp_3m_sde_gpu",
                     .settings = {kSigmaMin, kSigmaMax, kRange}};

constexpr Info kLeading =
    variant(kInfo, "exponential@diffusers-leading", "",
            "exponential from the first sigma of leading timesteps, as diffusers' Euler; not for dark "
            "or bright images",
            defaulting(kRange, "leading"));
constexpr Info kTrailing =
    variant(kInfo, "exponential@diffusers-trailing", "",
            "exponential to the last sigma of trailing timesteps, as diffusers' Euler; not for few steps",
            defaulting(kRange, "trailing"));

std::vector<double> exponential(int steps, const ModelSigmas& levels, const Settings& settings) {
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const auto [min, max] = chosen_range(n, levels, settings);
        return i ? max * std::pow(min / max, double(i) / (n - 1)) : max;
      },
      "sigmas between sigma_min and sigma_max run out");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, exponential);
CALOTYPE_SCHEDULER_ENTRY(kLeading, exponential);
CALOTYPE_SCHEDULER_ENTRY(kTrailing, exponential);
