#pragma once
#include <memory>
#include <vector>

#include "networks/components/token_merging.h"
#include "networks/ops/attention.h"
#include "networks/ops/layers.h"

namespace calotype::networks {

/// What attention to a text has computed of it, which is the same in every step: filled in by the first call of each of
/// a network's blocks, read by the others, in the order in which the block's layers run.
class TextMemory {
 public:
  /// The first layer of the block of that position is next.
  void begin(size_t block) {
    block_ = block, next_ = 0;
    if (block >= all_.size()) all_.resize(block + 1);
  }
  /// After begin(), until the next one.
  template <class Make>
  const at::Tensor& next(Make make) {
    std::vector<at::Tensor>& mine = all_[block_];
    if (next_ == mine.size()) mine.push_back(make());
    return mine[next_++];
  }
  /// All that is there, in the order of blocks and layers: views of the same tensors.
  std::vector<at::Tensor> all() const {
    std::vector<at::Tensor> out;
    for (const auto& block : all_) out.insert(out.end(), block.begin(), block.end());
    return out;
  }
  /// The same in tensors of its own.
  TextMemory cloned() const {
    TextMemory out = *this;
    for (auto& block : out.all_)
      for (at::Tensor& one : block) one = one.clone();
    return out;
  }

 private:
  std::vector<std::vector<at::Tensor>> all_;  // of each block
  size_t block_ = 0, next_ = 0;
};

/// A text that many calls look at.
struct Context {
  at::Tensor encoded;  ///< [N,S,D] of the text encoders
  double token_merging =
      0;  ///< the part of an image's positions that attention among them merges, at the largest size of it
  std::shared_ptr<TextMemory> memory = std::make_shared<TextMemory>();
  std::shared_ptr<AttentionChoice> attention{};  ///< null: libtorch chooses
};

/// Attention among the positions of an image and from them to the text (diffusers' Transformer2DModel).
class SpatialTransformer {
 public:
  /// is_largest: whether the network has no attention at a larger size.
  SpatialTransformer(const Weights& weights, int64_t heads, int64_t groups, bool is_largest = false);
  /// x [N,C,H,W] -> [N,C,H,W]
  at::Tensor operator()(const at::Tensor& x, const Context& context) const;
  /// Fills in what its layers remember of the text, after TextMemory::begin.
  void read_text(const Context& context) const;
  /// The width D of the context.
  int64_t context_width() const { return blocks_.front().to_text.context_width(); }

 private:
  struct Block {
    LayerNorm norm1, norm2, norm3;
    SelfAttention to_image;
    CrossAttention to_text;
    Linear gated, narrowing;  ///< GEGLU, then back to C

    /// What a block leaves to the next one's norm, which adds it: the layer's output, and what it is added to, if
    /// anything.
    struct Pending {
      at::Tensor x, onto;
    };
    Block(const Weights& weights, int64_t heads);
    at::Tensor operator()(at::Tensor x, const Context& context, const TokenMerging* merging) const;
    /// The same numbers by fewer kernels: all sums are made by norms, and norms and gates make the bytes that products
    /// read.
    Pending fused(const Pending& in, const Context& context) const;
    const at::Tensor& keys_and_values(const Context& context) const;
  };
  at::Tensor through_blocks(at::Tensor places, const Context& context, const TokenMerging* merging) const;
  GroupNorm norm_;
  Linear in_, out_;
  std::vector<Block> blocks_;
  bool is_largest_, fuses_all_;
};

}  // namespace calotype::networks
