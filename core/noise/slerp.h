#pragma once
#include <ATen/core/Tensor.h>

namespace calotype {

/// Noise [1,C,H,W] at `share` of [0,1] of the arc from one noise to another, of the same variance; 0 and 1 give the two
/// themselves. As in AUTOMATIC1111, each column of each channel, H numbers, has its own angle.
at::Tensor slerp(double share, const at::Tensor& from, const at::Tensor& to);

}  // namespace calotype
