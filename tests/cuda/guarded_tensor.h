#pragma once
#include <calotype/tensor.h>

namespace calotype::test {

/// A copy of t between pages that are shut, so that the program ends at the first byte read or written behind it.
/// `behind`: numbers between its end and the page, for a start that is not aligned.
at::Tensor guarded(const at::Tensor& t, int64_t behind = 0);

/// Room for a result, full of what no result is: NaN, or bytes of 255.
at::Tensor guarded_room(at::IntArrayRef shape, at::ScalarType type, int64_t behind = 0);

}  // namespace calotype::test
