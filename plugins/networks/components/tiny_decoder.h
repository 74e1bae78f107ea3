#pragma once
#include <optional>
#include <string>
#include <vector>

#include "networks/ops/layers.h"

namespace calotype::networks {

/// Draws about what an autoencoder's decoder does, in a fraction of its time: TAESD by Ollin Boer Bohan
/// (github.com/madebyollin/taesd), in diffusers AutoencoderTiny. Depths and widths are those of the tensors.
class TinyDecoder {
 public:
  /// Under TAESD's numbers, from the first convolution "1.weight" on. Throws Error (bad_data).
  explicit TinyDecoder(const Weights& weights);

  /// Scaled latents [N,channels,h,w] -> images [N,3,factor*h,factor*w] float32, about 0 to 1.
  at::Tensor operator()(const at::Tensor& latents) const;
  int64_t channels() const { return conv_in_.inputs(); }
  /// Pixels to a latent, each way.
  int64_t factor() const { return int64_t(1) << (stages_.size() - 1); }

 private:
  struct Block {
    Conv first, second, third;
    at::Tensor operator()(const at::Tensor& x) const;
  };
  /// Ends in a convolution: behind an enlargement, or of the image.
  struct Stage {
    std::vector<Block> blocks;
    bool enlarges = false;
    std::optional<Conv> conv;
  };
  Conv conv_in_;
  std::vector<Stage> stages_;
};

}  // namespace calotype::networks
