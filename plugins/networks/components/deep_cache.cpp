#include "networks/components/deep_cache.h"

#include <calotype/error.h>

namespace calotype::networks {

DeepCache::DeepCache(int every, std::vector<double> sigmas) : every_(size_t(every)), sigmas_(std::move(sigmas)) {
  if (every_ > 1 && sigmas_.size() < 2)
    throw Error(ErrorCode::internal, "sigmas: want the sigmas of the steps, for deep_cache, got none");
}

at::Tensor* DeepCache::at(double sigma, const Unet::Conditioning& conditioning, size_t part) {
  if (every_ == 1) return nullptr;
  if (part >= kept_.size()) kept_.resize(part + 1);
  Kept& kept = kept_[part];
  const size_t group = step_of(sigma, sigmas_) / every_;
  if (kept.conditioning != &conditioning || kept.group != group || sigma >= kept.sigma)
    kept = {{}, &conditioning, group, sigma};
  return &kept.features;
}

}  // namespace calotype::networks
