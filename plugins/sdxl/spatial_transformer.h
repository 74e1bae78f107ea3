#pragma once
#include <vector>

#include "layers.h"

namespace calotype::sdxl {

/// Attention among the places of an image and from them to the text (diffusers' Transformer2DModel).
class SpatialTransformer {
 public:
  SpatialTransformer(const Weights& weights, int64_t heads, int64_t groups);
  /// x [N,C,H,W], context [N,S,D] -> [N,C,H,W]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& context) const;
  /// The width D of the context.
  int64_t context_width() const { return blocks_.front().to_text.key.inputs(); }

 private:
  struct Block {
    LayerNorm norm1, norm2, norm3;
    Attention to_image, to_text;
    Linear gated, narrowing;  ///< GEGLU (Shazeer 2020), then back to C

    Block(const Weights& weights, int64_t heads);
    at::Tensor operator()(at::Tensor x, const at::Tensor& context) const;
  };
  GroupNorm norm_;
  Linear in_, out_;
  std::vector<Block> blocks_;
};

}  // namespace calotype::sdxl
