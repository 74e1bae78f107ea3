#pragma once
#include <calotype/tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "networks/files/tensor_sources.h"

namespace calotype::networks {

/// ATen's type for safetensors' F64, F32, F16, BF16, F8_E4M3 and F8_E5M2; none for any other.
std::optional<at::ScalarType> known_type(const std::string& dtype);
/// The same. Throws Error (bad_data) for any other: `where: tensor "name": type of weights: want ..., got I64`.
at::ScalarType stored_type(const std::string& dtype, const std::string& name, const std::string& where);

/// A view of the mapped memory, or a copy where the tensor begins at an address that its type cannot begin at. `type`
/// is that of its dtype.
at::Tensor viewed(const TensorSource& source, at::ScalarType type);

/// The values of one small tensor of numbers, as double.
std::vector<double> values_of(const StoredTensor& tensor, const std::string& name, const std::string& where);

}  // namespace calotype::networks
