#include "weight_loading.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <calotype/error.h>

#include <cstring>

#include "quote.h"

namespace calotype::sdxl {
namespace {

at::ScalarType stored_type(const std::string& dtype, const std::string& name, const std::string& where) {
  if (dtype == "F16") return at::kHalf;
  if (dtype == "BF16") return at::kBFloat16;
  if (dtype == "F32") return at::kFloat;
  if (dtype == "F64") return at::kDouble;
  throw Error(ErrorCode::bad_data,
              where + ": tensor " + quote(name) + ": type of weights, found " + dtype + ", wanted F16, BF16, F32 or F64");
}

/// A view of the mapped memory, or a copy where the tensor begins at an address that its type cannot begin at.
at::Tensor viewed(const TensorSource& source, at::ScalarType type) {
  if (source.data.empty() || reinterpret_cast<uintptr_t>(source.data.data()) % c10::elementSize(type) != 0) {
    at::Tensor copy = at::empty(source.shape, at::TensorOptions(type));
    if (!source.data.empty()) std::memcpy(copy.mutable_data_ptr(), source.data.data(), source.data.size());
    return copy;
  }
  return at::from_blob(const_cast<std::byte*>(source.data.data()), source.shape, at::TensorOptions(type));  // only read
}

}  // namespace

Weights load_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, const std::string& where) {
  auto tensors = std::make_shared<Weights::Map>();
  for (const auto& [name, source] : sources) {
    at::Tensor tensor = viewed(source, stored_type(source.dtype, name, where));
    // to the device first: it converts faster than this machine does
    tensor = tensor.to(tensor.options().device(device), /*non_blocking=*/false, /*copy=*/true).to(dtype);
    tensors->emplace(name, source.transposed ? tensor.t().contiguous() : tensor);
  }
  return {std::move(tensors), where};
}

}  // namespace calotype::sdxl
