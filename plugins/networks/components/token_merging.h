#pragma once
#include <calotype/tensor.h>

namespace calotype::networks {

/// Which positions of an image attention may take as one (Bolya and Hoffman 2023, "Token Merging for Fast Stable
/// Diffusion", arXiv:2303.17604): of each 2 x 2 positions the first stays, and of the others those that are most alike
/// one that stays, by cosine, are merged into it by the mean. The paper chooses the one that stays at random; here it
/// is the same in every call.
class TokenMerging {
 public:
  /// x [N,H*W,C]: what is compared. ratio [0,0.75]: the part of the positions that is merged away.
  TokenMerging(const at::Tensor& x, int64_t height, int64_t width, double ratio);
  /// [N,H*W,C] -> [N,T,C]
  at::Tensor merged(const at::Tensor& x) const;
  /// [N,T,C] -> [N,H*W,C]: positions that were merged get the same.
  at::Tensor spread(const at::Tensor& y) const;

 private:
  int64_t alone_, staying_;  // how many are not merged, and how many may have others merged into them
  at::Tensor order_;         // [N*H*W], rows of x: those alone, those that stay, those that are merged away
  at::Tensor rows_;          // [N*H*W], of each position the row of y
  at::Tensor into_;          // [N,staying,merged], 1 where one is merged into the other
  at::Tensor shares_;        // [N,staying,1], of the mean
};

}  // namespace calotype::networks
