#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <calotype/host/noise_kind.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "noise/brownian_path.h"

namespace calotype {

/// The noise of one image, float32 on the CPU whatever the device: the same numbers, and so the same image, on
/// every one. What it gave is the caller's; once nobody else holds it, its memory is what the next noise lies in.
class NoiseSource {
 public:
  /// kind: not automatic. step_seed: of what is drawn from the first way between sigmas on, but for a Brownian path's.
  NoiseSource(NoiseKind kind, uint64_t seed, uint64_t step_seed);
  /// From here on what is drawn is turned to another seed's noise by `strength` of [0,1]: see slerp. Not what lies
  /// between sigmas.
  void vary(uint64_t seed, double strength);
  /// The next numbers, [1,...].
  at::Tensor draw(at::IntArrayRef shape);
  /// The same without the other seed's.
  at::Tensor draw_unvaried(at::IntArrayRef shape);
  /// Of unit variance, for the way from sigma to sigma_next, [1,...].
  at::Tensor between(double sigma, double sigma_next, at::IntArrayRef shape);
  /// From here on `between` is of another path: what is walked again must not meet the same noise.
  void begin_path();

 private:
  at::Tensor room(at::IntArrayRef shape);

  bool is_philox_, is_brownian_;
  uint64_t seed_, draw_seed_, step_seed_;
  uint32_t draws_ = 0;
  at::Generator generator_;
  std::optional<BrownianPath> path_;
  int64_t path_count_ = 0;
  uint64_t paths_ = 0;
  std::vector<at::Tensor> rooms_;
  std::unique_ptr<NoiseSource> other_;  // null: there is none
  double strength_ = 0;
};

}  // namespace calotype
