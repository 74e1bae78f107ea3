// Sigmas at the quantiles of a Laplace distribution of log sigma: most steps near one sigma, e^mu. Not for many steps,
// because the tails leave the model's range.
//
//   x_i = i/(n-1),   log sigma_i = mu - beta sign(1/2 - x_i) ln(1 - 2 |1/2 - x_i| + 1e-5),   i = 0 .. n-1
//   sigma_i is clamped to [sigma_min, sigma_max];   sigma_n = 0
//
// Hang, Gu, Geng, Guo 2024, "Improved Noise Schedule for Diffusion Training", table 1, arXiv:2407.03297, which ComfyUI
// applies to sampling. Departure: ComfyUI does not append the 0, so its n sigmas make n-1 steps and noise remains.
#include <algorithm>

#include "schedulers/falling.h"
#include "schedulers/sigma_range.h"

namespace {
using namespace calotype;

constexpr Setting kMu = number("mu", 0, -10, 10, "log of the sigma near which most steps are");
constexpr Setting kBeta = number("beta", 0.5, 0.01, 10, "a smaller beta puts the steps closer to it");

constexpr Info kInfo{
    .id = "laplace",
    .label = "Laplace",
    .summary = "most steps near sigma 1, where objects take shape; not for many steps, nor for fine detail",
    .citation = "Hang et al. 2024, arXiv:2407.03297",
    .origin = "ComfyUI",
    .category = "Specialized",
    .best_for = "structure",
    .steps = {15, 40},
    .pairs_with = "dpmpp_2m",
    .settings = {kMu, kBeta, kSigmaMin, kSigmaMax}};

std::vector<double> laplace(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto range = model_range(steps, levels, settings);
  const double mu = settings[kMu], beta = settings[kBeta];
  return falling_to_zero(
      steps,
      [&](int i, int n) {
        const double off = n == 1 ? 0.5 : 0.5 - double(i) / (n - 1), tail = std::log(1 - 2 * std::abs(off) + 1e-5);
        return std::clamp(std::exp(off > 0 ? mu - beta * tail : off < 0 ? mu + beta * tail : mu), range.min, range.max);
      },
      "with more, some lie outside sigma_min and sigma_max");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, laplace);
