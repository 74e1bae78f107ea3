#pragma once
#include <calotype/ode.h>
#include <calotype/sampler.h>

/// Multistep methods: x' = x + sum_k w_k d_k over the last slopes d = dx/dsigma. They differ in their weights only.
namespace calotype {

inline constexpr int kMostSlopes = 4;
using SlopeWeights = std::array<double, kMostSlopes>;  ///< newest first, with the length of the step in them

/// The last slopes, newest first; those not known yet are empty. The memory of the oldest is used anew.
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

/// Where the last step, to 0, leads: to the estimate, or where the last slopes say.
enum class LastStep { takes_estimate, is_as_others };

/// Passes by weights(i), those of the step from sigmas[i]. One model evaluation a step.
template <class WeightsOf>
void walk_by_slopes(const Sampling& s, Latents& x, WeightsOf&& weights, LastStep last = LastStep::takes_estimate) {
  Slopes d;
  for (int i = 0; i < s.steps(); ++i) {
    Latents denoised = s.denoise(x, s.sigmas[i]);
    if (i == s.steps() - 1 && last == LastStep::takes_estimate) {
      x = std::move(denoised);
      return;
    }
    d.add(x, denoised, s.sigmas[i]);
    x = x + d.sum(weights(i));
  }
}

/// h * (c1 d1 + c2 d2 + ...) / divisor: Adams and Bashforth's weights of equal steps, by how many slopes there are.
inline SlopeWeights adams_bashforth(double h, int slopes) {
  constexpr SlopeWeights kRows[] = {
      {1}, {3 / 2.0, -1 / 2.0}, {23 / 12.0, -16 / 12.0, 5 / 12.0}, {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}};
  SlopeWeights w = kRows[std::min(slopes, kMostSlopes) - 1];
  for (double& c : w) c *= h;
  return w;
}

}  // namespace calotype
