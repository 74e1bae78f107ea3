// DPM-Solver that chooses its steps: two solutions of neighbouring order from the same model evaluations give the
// error, which decides the length of the next step. The config's number of steps is not used; images of one batch share
// their steps. Not where the time must be known in advance.
//
//   low, high: DPM-Solver-2 and -3 (order 3, at 1/3 and 2/3 of the step) or -1 and -2 (order 2)
//   E = rms((low - high) / max(atol, rtol max(|low|, |low before|))),   e = 1 / (E + 1e-8)
//   f = e_i^((P+I+D)/k) e_(i-1)^(-(P+2D)/k) e_(i-2)^(D/k),   k: the order,   h' = h (1 + atan(f - 1))
//   a step with 1 + atan(f - 1) < accept_safety is repeated with h'
//
// Lu et al. 2022, "DPM-Solver", DPM-Solver-12 and -23, arXiv:2206.00927, with Soederlind's PID control as in Crowson's
// k-diffusion, sample_dpm_adaptive. As there and in ComfyUI it ends at the last sigma above 0, so its noise remains,
// little in most schedules. Departures: a repeated step does not evaluate the model again at its start, and one step
// gives denoised.
#include "samplers/dpm_solver.h"
#include "samplers/stochastic.h"

namespace {
using namespace calotype;

constexpr Setting kOrder = integer("order", 3, 2, 3, "order of the solution that is kept");
constexpr Setting kRelative = number("rtol", 0.05, 1e-4, 1, "allowed error of a step, relative to the latents");
constexpr Setting kAbsolute = number("atol", 0.0078, 1e-5, 1, "allowed error of a step where latents are small");
constexpr Setting kFirst = number("h_init", 0.05, 0.01, 10, "length of the first step, in log sigma");
constexpr Setting kP = number("pcoeff", 0, 0, 1, "weight of the change of the error in the step control");
constexpr Setting kI = number("icoeff", 1, 0, 1, "weight of the error in the step control");
constexpr Setting kD = number("dcoeff", 0, 0, 1, "weight of the second difference of the error in the step control");
constexpr Setting kSafety =
    number("accept_safety", 0.81, 0.3, 1, "a step is repeated if the next would be shorter than this part of it");
constexpr Setting kAdaptiveEta =
    number("eta", 0, 0, 1, "part of the noise that each step replaces: 0 none, 1 as much as DDPM");
constexpr double kShortest = 1e-3;
constexpr int kMostTries = 10000;

constexpr Info kInfo{
    .id = "dpm_adaptive",
    .label = "DPM adaptive",
    .summary = "chooses its own steps by the error and ignores steps; not where the time must be known",
    .citation = "Lu et al. 2022, DPM-Solver-12 and -23, arXiv:2206.00927",
    .origin = "k-diffusion",
    .category = "Specialist",
    .best_for = "a reference image with small rtol and atol",
    .pairs_with = "karras",
    .has_own_steps = true,
    .settings = {kOrder, kRelative, kAbsolute, kFirst, kP, kI, kD, kSafety, kAdaptiveEta, kNoise}};

/// Chooses the length of a step, in log sigma, from the errors of the last three.
class Control {
 public:
  Control(const Settings& settings, double order)
      : h(settings[kFirst]),
        powers_{(settings[kP] + settings[kI] + settings[kD]) / order, -(settings[kP] + 2 * settings[kD]) / order,
                settings[kD] / order},
        safety_(settings[kSafety]) {}

  /// Whether a step with this error is kept.
  bool accepts(double error) {
    e_[0] = 1 / (error + 1e-8);
    if (tries_ == 0) e_[1] = e_[2] = e_[0];
    const double factor =
        1 + std::atan(std::pow(e_[0], powers_[0]) * std::pow(e_[1], powers_[1]) * std::pow(e_[2], powers_[2]) - 1);
    h *= factor;
    if (!(h > kShortest) || ++tries_ > kMostTries)
      throw Error("cannot keep within rtol and atol: wants too many steps");
    if (factor < safety_) return false;
    e_[2] = e_[1];
    e_[1] = e_[0];
    return true;
  }
  double h;

 private:
  std::array<double, 3> powers_, e_{};
  double safety_;
  int tries_ = 0;
};

void dpm_adaptive(const Sampling& s, Latents& x) {
  const bool third = s.settings.integer(kOrder) == 3;
  const double last = s.sigmas[s.steps() - 1], eta = s.settings[kAdaptiveEta];
  if (s.steps() == 1) {
    x = s.denoise(x, last);
    return;
  }
  Control control(s.settings, eta > 0 ? 1.5 : third ? 3 : 2);
  Latents low, before = x.copy();
  Stage a = stage(s, s.sigmas[0], std::move(x));
  while (true) {
    const double sigma_next = std::max(last, a.sigma * std::exp(-control.h));
    const auto [down, up] = ancestral_step_above(last, a.sigma, sigma_next, eta);
    const double s_1 = between(a.sigma, down, third ? 1 / 3.0 : 0.5);
    const Stage b = stage(s, s_1, straight(a, s_1));
    if (third) {
      const double s_2 = between(a.sigma, down, 2 / 3.0);
      low = bent(a, b, down);
      x = bent_exactly(a, stage(s, s_2, bent_exactly(a, b, s_2)), down);
    } else {
      low = straight(a, down);
      x = bent(a, b, down);
    }
    if (!control.accepts(s.error_norm(low, x, before, s.settings[kAbsolute], s.settings[kRelative]))) continue;
    std::swap(before, low);
    if (const double amount = up * s.settings[kNoise]; amount > 0) x = x + amount * s.noise(a.sigma, sigma_next);
    if (!(std::log(sigma_next / last) > 1e-5)) return;
    a = stage(s, sigma_next, std::move(x));
  }
}
}  // namespace

CALOTYPE_SAMPLER_ENTRY(kInfo, dpm_adaptive);
