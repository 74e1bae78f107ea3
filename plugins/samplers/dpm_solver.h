#pragma once
#include <calotype/ode.h>
#include <calotype/sampler.h>

/// The terms of DPM-Solver's steps: Lu et al. 2022, "DPM-Solver", algorithms 1 and 2, arXiv:2206.00927, for latents of
/// clean + sigma noise, with h = ln(sigma / to).
namespace calotype {

/// A model evaluation within a step: its sigma, x and denoised.
struct Stage {
  double sigma = 0;
  Latents x, denoised;
  auto d() const { return slope(x, denoised, sigma); }
};
inline Stage stage(const Sampling& s, double sigma, Latents x) {
  Latents denoised = s.denoise(x, sigma);
  return {sigma, std::move(x), std::move(denoised)};
}

/// The sigma at part r of the step from sigma to `to`, in log sigma.
inline double between(double sigma, double to, double r) {
  return sigma * std::pow(to / sigma, r);
}

/// The step from stage a to sigma `to` along its slope: DPM-Solver-1.
inline auto straight(const Stage& a, double to) {
  return a.x + (to - a.sigma) * a.d();
}

/// `straight` corrected by the slope at a later stage b, with weight (e^h - 1) / 2: DPM-Solver-2.
inline auto bent(const Stage& a, const Stage& b, double to) {
  const double r = std::log(a.sigma / b.sigma) / std::log(a.sigma / to);
  return straight(a, to) + (to - a.sigma) / (2 * r) * (b.d() - a.d());
}

/// As `bent`, with weight (e^h - 1)/h - 1, which is exact for a slope that is linear in log sigma: the last two lines
/// of DPM-Solver-3.
inline auto bent_exactly(const Stage& a, const Stage& b, double to) {
  const double h = std::log(a.sigma / to), r = std::log(a.sigma / b.sigma) / h;
  return straight(a, to) - to * (std::expm1(h) / h - 1) / r * (b.d() - a.d());
}

/// k-diffusion's ancestral step that does not go below `lowest`.
inline AncestralStep ancestral_step_above(double lowest, double sigma, double to, double eta) {
  const double down = std::max(lowest, ancestral_step(sigma, to, eta).down);
  return {down, std::sqrt(std::max(0.0, to * to - down * down))};
}

}  // namespace calotype
