#pragma once
#include <calotype/tensor.h>

#include <functional>
#include <memory>

#include "networks/ops/cpu_int8_convolution.h"
#include "networks/ops/linear_weight.h"
#include "networks/ops/weights.h"

namespace calotype::networks {

// The layers that all networks are built of. Each takes its tensors, "weight" and "bias", from the weights given: no
// name is looked up when it runs. A missing bias is none.

/// Throws Error (bad_data) unless `part` divides `whole`: `where: what: want a divisor of 320 channels, got 3`.
void check_divides(int64_t part, int64_t whole, const char* what, const std::string& where);

/// x W^T + b: [...,in] -> [...,out]. A 1x1 convolution's weight [out,in,1,1] counts as [out,in]. The weight is kept as
/// weights.quantization() says.
class Linear {
 public:
  explicit Linear(const Weights& weights);
  /// Several layers that read the same, as one: their outputs stand side by side.
  explicit Linear(std::initializer_list<Weights> side_by_side) : Linear(side_by_side, false) {}
  /// The gated unit of a transformer (GEGLU: Shazeer 2020): the weight's outputs are a and b side by side, this layer's
  /// are a * gelu(b), half as many.
  static Linear gated(const Weights& weights) { return Linear({weights}, true); }
  /// `onto` [...,out]: what is added, or undefined.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& onto = {}) const;
  at::Tensor operator()(const LayerInput& x, const at::Tensor& onto = {}) const;
  /// The byte in which it reads its input on a GPU, for which a kernel that computes it may make it; none: numbers.
  std::optional<at::ScalarType> byte_type() const;
  /// A gated layer's output for a layer that reads such bytes, or numbers.
  LayerInput gated_for(std::optional<at::ScalarType> byte_type, const LayerInput& x) const;
  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }

 private:
  Linear(std::initializer_list<Weights> side_by_side, bool gated);
  int64_t inputs_, outputs_;
  std::shared_ptr<const LinearWeight> weight_;
  at::Tensor bias_;
};

/// Convolution with a square kernel: [N,in,H,W] -> [N,out,H',W'], zeros around. The weight is kept in int8 where
/// weights.quantization() says so, on the CPU, and where there are many channels.
class Conv {
 public:
  explicit Conv(const Weights& weights, int64_t stride = 1);
  /// Half the kernel's size of padding: a stride of 1 keeps the size.
  at::Tensor operator()(const at::Tensor& x) const;
  /// The same plus what `onto` gives when that is done, [N,out,H',W'], which is not written to.
  at::Tensor plus(const at::Tensor& x, const std::function<at::Tensor()>& onto) const;
  struct Unbiased {
    at::Tensor out, bias;
  };
  /// `out` plus `bias` [out] at each position is the same. The bias is undefined where adding it here costs no pass
  /// over memory.
  Unbiased unbiased(const at::Tensor& x) const;
  /// Padding at the right and the bottom only, as the autoencoder's downsampling has it.
  at::Tensor padded_at_end(const at::Tensor& x) const;
  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }
  /// Of the weights, and so of what goes in.
  at::TensorOptions options() const { return options_; }

 private:
  at::Tensor slid(const at::Tensor& x, int64_t padding, const at::Tensor& bias) const;
  int64_t inputs_, outputs_, stride_, padding_;
  at::TensorOptions options_;
  bool packed_ = false;
  at::Tensor weight_, bias_;
  std::shared_ptr<const CpuInt8Convolution> int8_;
};

/// Normalises each of `groups` groups of channels: [N,C,...] -> same.
class GroupNorm {
 public:
  /// Throws Error (bad_data): `where: norm_num_groups: want a divisor of 48 channels, got 32`.
  GroupNorm(const Weights& weights, int64_t groups, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const { return normal(x, false, {}); }
  /// SiLU of the same for x + added [N,C], which may be undefined, at each position.
  at::Tensor silu(const at::Tensor& x, const at::Tensor& added = {}) const { return normal(x, true, added); }
  /// SiLU of the same for parts of `whole`, with its mean and variance: [N,C,h,w] -> same. `whole` is not held.
  std::function<at::Tensor(const at::Tensor&)> silu_of(const at::Tensor& whole) const;

 private:
  at::Tensor normal(const at::Tensor& x, bool silu, const at::Tensor& added) const;
  at::Tensor weight_, bias_;
  int64_t groups_;
  double epsilon_;
};

/// Normalises the last dimension: [...,C] -> same.
class LayerNorm {
 public:
  explicit LayerNorm(const Weights& weights, double epsilon = 1e-5);
  at::Tensor operator()(const at::Tensor& x) const;
  struct OfSum {
    at::Tensor sum, normal;
  };
  /// x + layer, and the same of it. `layer` gives its output added to its argument, or only its output for an undefined
  /// one.
  OfSum of_sum(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor& onto)>& layer) const;
  struct OfSumFor {
    at::Tensor sum;
    LayerInput normal;
  };
  /// x + onto, or x where onto is undefined, and the same of it as a layer reads it that takes such bytes, or numbers.
  /// On a GPU with kernels, by one of them.
  OfSumFor of_sum_for(std::optional<at::ScalarType> byte_type, const at::Tensor& x, const at::Tensor& onto) const;

 private:
  at::Tensor weight_, bias_;
  double epsilon_;
};

/// [N,C,H,W] enlarged to `height` x `width`, each pixel from the nearest.
at::Tensor enlarged(const at::Tensor& x, int64_t height, int64_t width);

}  // namespace calotype::networks
