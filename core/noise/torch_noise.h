#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace calotype {

/// A faster at::randn(shape, generator, at::kFloat): the same numbers, to the bit with libtorch 2.11, and the same
/// final state of the generator. `generator` is torch's for the CPU; any thread, one at a time.
at::Tensor torch_noise(at::IntArrayRef shape, const at::Generator& generator);

/// As above, into `out`: float32, contiguous.
void torch_noise(at::Tensor& out, const at::Generator& generator);

}  // namespace calotype
