#pragma once
#include <ATen/core/Tensor.h>

#include <span>

namespace calotype {

/// out = sum of coefficients[i] * terms[i]; all float32, contiguous, of one shape and device. On the CPU one pass over
/// memory, coefficients in double, sums in float32. `out` may be one of the terms.
void combine(std::span<const double> coefficients, std::span<const at::Tensor* const> terms, at::Tensor& out);

}  // namespace calotype
