#pragma once
#include "linear_weight.h"

namespace calotype::sdxl {

/// Whether `cpu_weight` takes a weight [out,in]: float32 and bfloat16 on the CPU, of a multiple of 16 inputs.
bool is_cpu_weight(const at::Tensor& weight);

/// Packed for the kernels of cpu/, which is done once; parts and `gated` as in linear_weight.h. They are not held.
std::shared_ptr<const LinearWeight> cpu_weight(const std::vector<at::Tensor>& parts, bool gated);

/// The same in 8 bits with a scale for each output; a layer's input becomes such with a scale for each row. Any type and width.
std::shared_ptr<const LinearWeight> cpu_int8_weight(const at::Tensor& weight, bool gated);

}  // namespace calotype::sdxl
