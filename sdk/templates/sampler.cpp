// Adams-Bashforth of second order: the slope along the step is the straight line through the last two. One model
// evaluation a step. Not for few steps or strong guidance, where the old slope misleads.
//
//   d = (x - D(x; sigma)) / sigma,   r = h / (2 h_before),   x' = x + h ((1 + r) d - r d_before);   first and last
//   step: r = 0
//
// Hairer, Norsett, Wanner 1993, "Solving Ordinary Differential Equations I", III.5.
#include <calotype/ode.h>
#include <calotype/sampler.h>

namespace {
using namespace calotype;

constexpr auto kStrength = number("strength", 1, 0, 1, "how much of the last slope is used; 0 is Euler's method");
constexpr Info kInfo{.id = "@name@",
                     .summary = "Second order from two slopes, one model evaluation a step; not for few steps",
                     .pairs_with = "karras",  // the scheduler of a config that names none
                     .order = 2,              // `calotype plugin check` measures both
                     .evaluations = {1, 0},  // model evaluations: one a step, and none more
                     .settings = {kStrength}};

void solve(const Sampling& s, Latents& x) {
  Latents before;
  double h_before = 0;
  for (int i = 0; i < s.steps(); ++i) {
    const double sigma = s.sigmas[i], sigma_next = s.sigmas[i + 1], h = sigma_next - sigma;
    const Latents denoised = s.denoise(x, sigma);
    Latents d = slope(x, denoised, sigma);
    const double r = before && sigma_next > 0 ? s.settings[kStrength] * h / (2 * h_before) : 0;
    x = x + h * ((1 + r) * d - r * before);  // one pass over memory
    before = std::move(d);
    h_before = h;
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, solve);
