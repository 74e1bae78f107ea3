#pragma once
#include <algorithm>
#include <cmath>
#include <span>

namespace calotype {

/// The sigmas that a model was trained on: the sigma of each training timestep, rising, often [1000]. A view: valid
/// as long as the numbers that it was made from.
class ModelSigmas {
 public:
  explicit ModelSigmas(std::span<const double> sigmas) : sigmas_(sigmas) {}

  std::span<const double> sigmas() const { return sigmas_; }
  /// The number of training timesteps.
  int count() const { return int(sigmas_.size()); }
  /// The smallest sigma, that of timestep 0.
  double sigma_min() const { return sigmas_.front(); }
  /// The largest sigma.
  double sigma_max() const { return sigmas_.back(); }

  /// The sigma of timestep t, clamped to [0, count-1]. Between timesteps, interpolates the logarithm of sigma, as
  /// k-diffusion does (Karras et al. 2022, arXiv:2206.00364).
  double sigma(double t) const {
    const auto [i, w] = split(t);
    return w == 0 ? sigmas_[i] : std::exp((1 - w) * std::log(sigmas_[i]) + w * std::log(sigmas_[i + 1]));
  }
  /// As sigma(t), but interpolates sigma itself, as diffusers does by default.
  double sigma_linear(double t) const {
    const auto [i, w] = split(t);
    return w == 0 ? sigmas_[i] : (1 - w) * sigmas_[i] + w * sigmas_[i + 1];
  }
  /// The timestep of a sigma, a real number: the inverse of sigma(), clamped to [0, count-1].
  double timestep(double sigma) const {
    const auto above = std::upper_bound(sigmas_.begin(), sigmas_.end(), sigma);
    if (above == sigmas_.begin()) return 0;
    if (above == sigmas_.end()) return count() - 1;
    const double low = std::log(above[-1]), high = std::log(above[0]);
    return double(above - sigmas_.begin() - 1) + (std::log(sigma) - low) / (high - low);
  }

 private:
  struct Position {
    size_t index;
    double weight;
  };
  Position split(double t) const {
    t = std::clamp(t, 0.0, double(count() - 1));
    return {size_t(t), t - std::floor(t)};
  }
  std::span<const double> sigmas_;
};

}  // namespace calotype
