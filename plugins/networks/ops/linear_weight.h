#pragma once
#include <optional>
#include <variant>

#include "networks/kernels/byte_rows.h"

namespace calotype::networks {

/// A layer's input, in numbers or in bytes.
using LayerInput = std::variant<at::Tensor, ByteRows>;

/// The weight of a linear layer, in the form that its product reads.
class LinearWeight {
 public:
  virtual ~LinearWeight() = default;
  /// x [...,in] W^T + bias [out] + onto [...,out], of which the last two may be undefined: [...,out], in the type of x.
  virtual at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const = 0;

  /// The byte in which its product reads the input, for which a kernel that computes it may make it; none: it reads
  /// numbers.
  virtual std::optional<at::ScalarType> byte_type() const { return std::nullopt; }
  /// As linear(), of an input in bytes of that type.
  virtual at::Tensor linear_of_bytes(const ByteRows& x, const at::Tensor& bias, const at::Tensor& onto) const;
  /// Of a gated weight on a GPU with kernels: the outputs in bytes of a type that the next layer reads.
  virtual ByteRows gated_bytes(const LayerInput& x, const at::Tensor& bias, at::ScalarType type) const;

  /// linear() or linear_of_bytes()
  at::Tensor linear_of(const LayerInput& x, const at::Tensor& bias, const at::Tensor& onto) const;
};

}  // namespace calotype::networks
