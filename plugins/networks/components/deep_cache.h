#pragma once
#include <vector>

#include "networks/components/step_of.h"
#include "networks/components/unet.h"

namespace calotype::networks {

/// Keeps the network's deep features over some steps (Ma, Fang and Wang 2023, "DeepCache", arXiv:2312.00858): of
/// `every` steps the first call computes them, the others take them over. They are computed anew as well where the
/// noise has not fallen since, as at the beginning of the next image, and where the conditioning is another one: a
/// prompt that changes, guidance that ends.
class DeepCache {
 public:
  /// every: 1 keeps nothing. sigmas: one more than steps, falling. Throws Error (internal) where they are missing.
  DeepCache(int every, std::vector<double> sigmas);
  /// What Unet takes as `deep` for a call at that sigma; null where nothing is kept. `part`: of a batch that is
  /// computed one by one. Until the next call.
  at::Tensor* at(double sigma, const Unet::Conditioning& conditioning, size_t part);

 private:
  struct Kept {
    at::Tensor features;
    const Unet::Conditioning* conditioning = nullptr;
    size_t group = 0;  ///< of steps
    double sigma = 0;
  };
  size_t every_;
  std::vector<double> sigmas_;
  std::vector<Kept> kept_;  // of each part
};

}  // namespace calotype::networks
