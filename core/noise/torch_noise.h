#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace calotype {

/// at::randn(shape, generator, at::kFloat) in less time: its numbers, to the bit with libtorch 2.11, and the generator
/// left in the state that it leaves it in. `generator` is torch's for the CPU; any thread, one at a time.
at::Tensor torch_noise(at::IntArrayRef shape, const at::Generator& generator);

/// The same, into `out`: float32, contiguous.
void torch_noise(at::Tensor& out, const at::Generator& generator);

}  // namespace calotype
