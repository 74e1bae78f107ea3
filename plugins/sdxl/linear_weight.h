#pragma once
#include <calotype/model_loader.h>

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace calotype::sdxl {

/// A layer's input in a byte for each number, int8 or e4m3, as a kernel on a GPU has made it (cuda/kernels.h).
struct ByteRows {
  at::Tensor bytes;     ///< [...,in]
  at::Tensor scales;    ///< [rows], float32: what each row is to be multiplied by
  at::ScalarType type;  ///< of the numbers that they stand for
};
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

/// Parts [out,in] of float32, bfloat16 or float16, on any device, whose outputs stand side by side. Gated, its outputs
/// are a and b side by side, and the layer's are a * gelu(b): half as many.
std::shared_ptr<const LinearWeight> linear_weight(const std::vector<at::Tensor>& parts, Quantization how, bool gated);

}  // namespace calotype::sdxl
