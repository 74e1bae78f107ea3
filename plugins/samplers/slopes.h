#pragma once
#include <calotype/ode.h>
#include <calotype/sampler.h>

/// Multistep methods: x' = x + sum_k w_k d_k over the last slopes d = dx/dsigma. They differ only in their weights.
namespace calotype {

inline constexpr int kMostSlopes = 4;
using SlopeWeights = std::array<double, kMostSlopes>;  ///< newest first, multiplied by the length of the step

/// The last slopes, newest first; slopes that do not exist yet are empty. A new slope uses the memory of the oldest.
class Slopes {
 public:
  void add(const Latents& x, const Latents& denoised, double sigma) {
    std::rotate(d_.begin(), d_.end() - 1, d_.end());
    d_[0] = slope(x, denoised, sigma);
  }
  Combination<kMostSlopes> sum(const SlopeWeights& w) const { return {w, {&d_[0], &d_[1], &d_[2], &d_[3]}}; }

 private:
  std::array<Latents, kMostSlopes> d_;
};

/// The last step, to 0: takes denoised, or uses the last slopes.
enum class LastStep { takes_denoised, is_as_others };

/// Runs a pass with weights(i) in the step from sigmas[i]. One model evaluation a step.
template <class WeightsOf>
void solve_by_slopes(const Sampling& s, Latents& x, WeightsOf&& weights, LastStep last = LastStep::takes_denoised) {
  Slopes d;
  for (int i = 0; i < s.steps(); ++i) {
    Latents denoised = s.denoise(x, s.sigmas[i]);
    if (i == s.steps() - 1 && last == LastStep::takes_denoised) {
      x = std::move(denoised);
      return;
    }
    d.add(x, denoised, s.sigmas[i]);
    x = x + d.sum(weights(i));
  }
}

/// h * (c1 d1 + c2 d2 + ...) / divisor: Adams and Bashforth's weights for equal steps, by the number of slopes.
inline SlopeWeights adams_bashforth(double h, int slopes) {
  constexpr SlopeWeights kRows[] = {
      {1}, {3 / 2.0, -1 / 2.0}, {23 / 12.0, -16 / 12.0, 5 / 12.0}, {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}};
  SlopeWeights w = kRows[std::min(slopes, kMostSlopes) - 1];
  for (double& c : w) c *= h;
  return w;
}

}  // namespace calotype
