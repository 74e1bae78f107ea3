#pragma once
#include <calotype/model_loader.h>

#include <memory>

#include "networks/ops/linear_weight.h"

namespace calotype::networks {

/// The weight of a linear layer in fewer bits, by ATen's operators: [out,in] of float32, bfloat16 or float16, on any
/// device; it is not held. `how` is not none.
std::shared_ptr<const LinearWeight> quantized_weight(const at::Tensor& weight, Quantization how);

}  // namespace calotype::networks
