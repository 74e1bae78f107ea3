#pragma once
#include <calotype/model_loader.h>

#include <memory>

namespace calotype::sdxl {

/// The weight of a linear layer in fewer bits.
class QuantizedWeight {
 public:
  virtual ~QuantizedWeight() = default;
  /// x [...,in] W^T + bias [out], which may be undefined: [...,out], in the type of x.
  virtual at::Tensor linear(const at::Tensor& x, const at::Tensor& bias) const = 0;
};

/// weight [out,in] of float32, bfloat16 or float16, on any device; it is not held. `how` is not none.
std::shared_ptr<const QuantizedWeight> quantized(const at::Tensor& weight, Quantization how);

}  // namespace calotype::sdxl
