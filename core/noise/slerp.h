#pragma once
#include <ATen/core/Tensor.h>

namespace calotype {

/// Noise [1,C,H,W] that lies `part` of [0,1] of the way from one to another on the arc between them, of the same
/// variance; 0 and 1 are these themselves. As AUTOMATIC1111 has it: each column of each channel, H numbers, is turned
/// by its own angle.
at::Tensor slerp(double part, const at::Tensor& from, const at::Tensor& to);

}  // namespace calotype
