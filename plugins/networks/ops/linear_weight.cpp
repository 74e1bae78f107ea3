#include "networks/ops/linear_weight.h"

#include <calotype/error.h>

namespace calotype::networks {
namespace {

[[noreturn]] void is_no_layer_of_bytes() {
  throw Error(ErrorCode::internal, "linear layer: want one that reads bytes, got one of numbers");
}

}  // namespace

at::Tensor LinearWeight::linear_of_bytes(const ByteRows&, const at::Tensor&, const at::Tensor&) const {
  is_no_layer_of_bytes();
}
ByteRows LinearWeight::gated_bytes(const LayerInput&, const at::Tensor&, at::ScalarType) const {
  is_no_layer_of_bytes();
}

at::Tensor LinearWeight::linear_of(const LayerInput& x, const at::Tensor& bias, const at::Tensor& onto) const {
  if (const auto* bytes = std::get_if<ByteRows>(&x)) return linear_of_bytes(*bytes, bias, onto);
  return linear(std::get<at::Tensor>(x), bias, onto);
}

}  // namespace calotype::networks
