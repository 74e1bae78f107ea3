#include "networks/layouts/stored_values.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <calotype/error.h>

#include <cstring>

#include "networks/files/quote.h"

namespace calotype::networks {

std::optional<at::ScalarType> known_type(const std::string& dtype) {
  if (dtype == "F16") return at::kHalf;
  if (dtype == "BF16") return at::kBFloat16;
  if (dtype == "F32") return at::kFloat;
  if (dtype == "F64") return at::kDouble;
  if (dtype == "F8_E4M3") return at::kFloat8_e4m3fn;
  if (dtype == "F8_E5M2") return at::kFloat8_e5m2;
  return std::nullopt;
}

at::ScalarType stored_type(const std::string& dtype, const std::string& name, const std::string& where) {
  if (const auto type = known_type(dtype)) return *type;
  throw Error(ErrorCode::bad_data, where + ": tensor " + quote(name) +
                                       ": type of weights: want F16, BF16, F32, F64, F8_E4M3 or F8_E5M2, got " + dtype);
}

at::Tensor viewed(const TensorSource& source, at::ScalarType type) {
  if (source.data.empty() || reinterpret_cast<uintptr_t>(source.data.data()) % c10::elementSize(type) != 0) {
    at::Tensor copy = at::empty(source.shape, at::TensorOptions(type));
    if (!source.data.empty()) std::memcpy(copy.mutable_data_ptr(), source.data.data(), source.data.size());
    return copy;
  }
  return at::from_blob(const_cast<std::byte*>(source.data.data()), source.shape, at::TensorOptions(type));  // only read
}

std::vector<double> values_of(const StoredTensor& tensor, const std::string& name, const std::string& where) {
  const TensorSource source{tensor.dtype, tensor.shape, tensor.data};
  const at::Tensor values = viewed(source, stored_type(source.dtype, name, where)).to(at::kDouble).flatten();
  return {values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel()};
}

}  // namespace calotype::networks
