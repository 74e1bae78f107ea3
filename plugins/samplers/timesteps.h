#pragma once
#include <algorithm>
#include <array>
#include <cmath>

namespace calotype {

/// The training sigmas of Stable Diffusion and SDXL: the roots of the betas are even from sqrt(0.00085) to sqrt(0.012),
/// alpha_bar_t is the product of 1 - beta, sigma_t = sqrt(1/alpha_bar_t - 1). For formulas that are written in
/// timesteps.
class TrainedTimesteps {
 public:
  static constexpr int kLast = 999;

  TrainedTimesteps() {
    const double first = std::sqrt(0.00085), last = std::sqrt(0.012);
    double alpha_bar = 1;
    for (int t = 0; t <= kLast; ++t) {
      const double root = first + (last - first) * t / kLast;
      alpha_bar *= 1 - root * root;
      log_sigmas_[t] = std::log(1 / alpha_bar - 1) / 2;
    }
  }

  /// Between timesteps, ln(sigma) is linear.
  double sigma(double t) const {
    const double in = std::clamp(t, 0.0, double(kLast));
    const int low = std::min(int(in), kLast - 1);
    return std::exp(std::lerp(log_sigmas_[low], log_sigmas_[low + 1], in - low));
  }

  /// The timestep whose sigma is nearest in ln(sigma); 0 for sigma 0.
  int nearest(double sigma) const {
    const double wanted = std::log(sigma);
    const auto above = std::lower_bound(log_sigmas_.begin(), log_sigmas_.end(), wanted);
    const int t = std::min(int(above - log_sigmas_.begin()), kLast);
    return t > 0 && wanted - log_sigmas_[t - 1] < log_sigmas_[t] - wanted ? t - 1 : t;
  }

 private:
  std::array<double, kLast + 1> log_sigmas_;
};

}  // namespace calotype
