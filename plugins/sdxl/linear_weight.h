#pragma once
#include <calotype/model_loader.h>

#include <memory>
#include <vector>

namespace calotype::sdxl {

/// The weight of a linear layer, in the form that its product reads.
class LinearWeight {
 public:
  virtual ~LinearWeight() = default;
  /// x [...,in] W^T + bias [out] + onto [...,out], of which the last two may be undefined: [...,out], in the type of x.
  virtual at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const = 0;
};

/// Parts [out,in] of float32, bfloat16 or float16, on any device, whose outputs stand side by side. Gated, its outputs are a and b side by side, and the layer's
/// are a * gelu(b): half as many.
std::shared_ptr<const LinearWeight> linear_weight(const std::vector<at::Tensor>& parts, Quantization how, bool gated);

}  // namespace calotype::sdxl
