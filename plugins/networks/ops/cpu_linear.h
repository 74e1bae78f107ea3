#pragma once
#include <memory>
#include <vector>

#include "networks/ops/linear_weight.h"

namespace calotype::networks {

/// Whether the kernels for floating-point numbers take so many inputs: multiples of 16.
bool is_cpu_width(int64_t inputs);
/// Whether `cpu_weight` takes a weight [out,in]: float32 and bfloat16 on the CPU, of such a width.
bool is_cpu_weight(const at::Tensor& weight);

/// Packed for the kernels of cpu/, which is done once; parts and `gated` as in linear_weight_choice.h. They are
/// not held.
std::shared_ptr<const LinearWeight> cpu_weight(const std::vector<at::Tensor>& parts, bool gated);

/// The same for parts that are not copied but read where they are, as in a mapped file, each time they are used: of
/// float32, float16 or bfloat16, whatever x is in, of such a width. A layer that gets few rows at a time packs them in
/// the end.
std::shared_ptr<const LinearWeight> cpu_weight_in_place(const std::vector<at::Tensor>& parts, bool gated);

/// The same in 8 bits with a scale for each output; a layer's input becomes such with a scale for each row. Any type
/// and width.
std::shared_ptr<const LinearWeight> cpu_int8_weight(const at::Tensor& weight, bool gated);

}  // namespace calotype::networks
