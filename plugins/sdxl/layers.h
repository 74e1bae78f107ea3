#pragma once
#include <calotype/tensor.h>

#include <functional>
#include <memory>

#include "quantized_weight.h"
#include "weights.h"

namespace calotype::sdxl {

// The layers that all networks are built of. Each takes its tensors, "weight" and "bias", from the weights given: no name
// is looked up when it runs. A missing bias is none.

/// x W^T + b: [...,in] -> [...,out]. A 1x1 convolution's weight [out,in,1,1] counts as [out,in]. The weight is kept as
/// weights.quantization() says.
class Linear {
 public:
  explicit Linear(const Weights& weights);
  at::Tensor operator()(const at::Tensor& x) const;
  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }

 private:
  int64_t inputs_, outputs_;
  std::shared_ptr<const QuantizedWeight> quantized_;
  at::Tensor weight_, bias_;  // weight_: undefined where quantized_ has it
};

/// Convolution with a square kernel: [N,in,H,W] -> [N,out,H',W'], zeros around.
class Conv {
 public:
  explicit Conv(const Weights& weights, int64_t stride = 1);
  /// Half the kernel's size of padding: a stride of 1 keeps the size.
  at::Tensor operator()(const at::Tensor& x) const;
  /// Padding at the right and the bottom only, as the autoencoder's downsampling has it.
  at::Tensor padded_at_end(const at::Tensor& x) const;
  int64_t inputs() const { return weight_.size(1); }
  int64_t outputs() const { return weight_.size(0); }
  /// Of the weights, and so of what goes in.
  at::TensorOptions options() const { return weight_.options(); }

 private:
  at::Tensor weight_, bias_;
  int64_t stride_;
};

/// Normalises each of `groups` groups of channels: [N,C,...] -> same.
class GroupNorm {
 public:
  /// Throws Error (bad_data): `where: norm_num_groups: want a divisor of 48 channels, got 32`.
  GroupNorm(const Weights& weights, int64_t groups, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;
  /// The same for parts of `whole`, with its mean and variance: [N,C,h,w] -> same. `whole` is not held.
  std::function<at::Tensor(const at::Tensor&)> of(const at::Tensor& whole) const;

 private:
  at::Tensor weight_, bias_;
  int64_t groups_;
  double epsilon_;
};

/// Normalises the last dimension: [...,C] -> same.
class LayerNorm {
 public:
  explicit LayerNorm(const Weights& weights, double epsilon = 1e-5);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;
  double epsilon_;
};

/// Four projections around scaled dot-product attention.
struct Attention {
  Linear query, key, value, out;
  int64_t heads;

  /// Under diffusers' names: to_q, to_k, to_v, to_out.0.
  Attention(const Weights& weights, int64_t heads);
  /// Throws Error (bad_data): `where: attention heads: want a divisor of 320 channels, got 3`.
  Attention(Linear query, Linear key, Linear value, Linear out, int64_t heads, const std::string& where);
  /// x [N,T,C] looks at `context` [N,S,D]; causal: at nothing that comes later. -> [N,T,C]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& context, bool causal = false) const;
};

/// [N,C,H,W] enlarged to `height` x `width`, each pixel from the nearest.
at::Tensor enlarged(const at::Tensor& x, int64_t height, int64_t width);

}  // namespace calotype::sdxl
