#pragma once
#include <optional>

#include "networks/ops/layers.h"

namespace calotype::networks {

/// Two convolutions beside a shortcut (diffusers' ResnetBlock2D), of the denoising network and of the autoencoder.
class Resnet {
 public:
  Resnet(const Weights& weights, int64_t groups, double epsilon);
  /// x [N,in,H,W]; time [N,T]: the time embedding after its SiLU, undefined where the block takes none. -> [N,out,H,W]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& time = {}) const;
  /// The same without a time embedding, tile by tile, in less memory: x is written to.
  at::Tensor tiled(at::Tensor x) const;
  int64_t outputs() const { return conv1_.outputs(); }

 private:
  GroupNorm norm1_, norm2_;
  Conv conv1_, conv2_;
  std::optional<Linear> time_;
  std::optional<Conv> shortcut_;
};

}  // namespace calotype::networks
