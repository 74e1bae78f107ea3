#pragma once
#include <algorithm>
#include <cmath>
#include <span>

namespace calotype {

/// The sigmas that a model was trained on: sigma of each training timestep, rising, [1000] for SDXL.
/// A view: valid while what it was made from lives.
class ModelSigmas {
 public:
  explicit ModelSigmas(std::span<const double> sigmas) : sigmas_(sigmas) {}

  std::span<const double> sigmas() const { return sigmas_; }
  int count() const { return int(sigmas_.size()); }
  double sigma_min() const { return sigmas_.front(); }
  double sigma_max() const { return sigmas_.back(); }

  /// sigma of timestep t in [0, count-1]; between timesteps the logarithm is interpolated (Karras et al. 2022, as
  /// k-diffusion does).
  double sigma(double t) const {
    const auto [i, w] = split(t);
    return w == 0 ? sigmas_[i] : std::exp((1 - w) * std::log(sigmas_[i]) + w * std::log(sigmas_[i + 1]));
  }
  /// The same with sigma itself interpolated, as diffusers does by default.
  double sigma_linear(double t) const {
    const auto [i, w] = split(t);
    return w == 0 ? sigmas_[i] : (1 - w) * sigmas_[i] + w * sigmas_[i + 1];
  }
  /// The real timestep of a sigma: the inverse of sigma(), clamped to [0, count-1].
  double timestep(double sigma) const {
    const auto above = std::upper_bound(sigmas_.begin(), sigmas_.end(), sigma);
    if (above == sigmas_.begin()) return 0;
    if (above == sigmas_.end()) return count() - 1;
    const double low = std::log(above[-1]), high = std::log(above[0]);
    return double(above - sigmas_.begin() - 1) + (std::log(sigma) - low) / (high - low);
  }

 private:
  struct Place {
    size_t index;
    double weight;
  };
  Place split(double t) const {
    t = std::clamp(t, 0.0, double(count() - 1));
    return {size_t(t), t - std::floor(t)};
  }
  std::span<const double> sigmas_;
};

}  // namespace calotype
