#pragma once
#include <calotype/model_loader.h>

#include <memory>
#include <vector>

#include "networks/ops/linear_weight.h"

namespace calotype::networks {

/// Parts [out,in] of float32, bfloat16 or float16, on any device, whose outputs stand side by side. Gated, its outputs
/// are a and b side by side, and the layer's are a * gelu(b): half as many.
std::shared_ptr<const LinearWeight> linear_weight(const std::vector<at::Tensor>& parts, Quantization how, bool gated);

}  // namespace calotype::networks
