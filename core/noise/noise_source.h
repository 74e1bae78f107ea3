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

/// The noise of one image, float32 on the CPU for every device, so that every device gives the same image. The caller
/// owns the returned tensors. When nobody else holds a tensor any more, the next noise uses its memory.
class NoiseSource {
 public:
  /// kind: torch, the next numbers of torch's CPU generator; philox, those of torch's CUDA generator; brownian, torch's
  /// for the start and a Brownian path between sigmas; not automatic. step_seed: the seed for all noise from the first
  /// step on, except that of a Brownian path.
  NoiseSource(NoiseKind kind, uint64_t seed, uint64_t step_seed);
  /// From here on, rotates the start noise towards the noise of another seed by `strength` of [0,1]: see slerp. Noise
  /// between sigmas does not change.
  void vary(uint64_t seed, double strength);
  /// The next noise, [1,...].
  at::Tensor sample(at::IntArrayRef shape);
  /// The next noise without the other seed.
  at::Tensor sample_unvaried(at::IntArrayRef shape);
  /// Noise of unit variance for the step from sigma to sigma_next, [1,...].
  at::Tensor between(double sigma, double sigma_next, at::IntArrayRef shape);
  /// From here on `between` uses another path: a restart must not get the same noise again.
  void begin_path();

 private:
  at::Tensor room(at::IntArrayRef shape);

  bool is_philox_, is_brownian_;
  uint64_t seed_, seed_now_, step_seed_;
  uint32_t calls_ = 0;
  at::Generator generator_;
  std::optional<BrownianPath> path_;
  int64_t path_count_ = 0;
  uint64_t paths_ = 0;
  std::vector<at::Tensor> rooms_;
  std::unique_ptr<NoiseSource> other_;  // null: there is none
  double strength_ = 0;
};

}  // namespace calotype
