#pragma once
#include <string>

#include "tensor_names.h"
#include "weights.h"

namespace calotype::sdxl {

/// Copies the tensors out of the mapped files to the device, one after the other, each converted to `dtype`. The files are
/// not needed afterwards. What comes out is contiguous and does not depend on where in a file a tensor lay, so that every
/// layout of a model draws the same picture, bit for bit. F64, F32, F16 and BF16 are converted; any other type throws
/// Error (bad_data) that begins with `where`.
Weights load_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, const std::string& where);

}  // namespace calotype::sdxl
