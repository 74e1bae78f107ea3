#include "networks/ops/linear_weight_choice.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>

#include "networks/kernels/cuda_ops.h"
#include "networks/ops/cpu_linear.h"
#include "networks/ops/cuda_fp8.h"
#include "networks/ops/cuda_gated_weight.h"
#include "networks/ops/cuda_int8.h"
#include "networks/ops/quantized_weight.h"

namespace calotype::networks {
namespace {

class PlainWeight final : public LinearWeight {
 public:
  explicit PlainWeight(at::Tensor weight) : weight_(std::move(weight)) {}
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const at::Tensor out = at::linear(x, weight_, bias);
    return onto.defined() ? out + onto : out;
  }

 private:
  at::Tensor weight_;
};

/// GEGLU after another weight's product.
class GatedWeight final : public LinearWeight {
 public:
  explicit GatedWeight(std::shared_ptr<const LinearWeight> inner) : inner_(std::move(inner)) {}
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const auto halves = inner_->linear(x, bias, {}).chunk(2, -1);
    const at::Tensor out = halves[0] * at::gelu(halves[1]);
    return onto.defined() ? out + onto : out;
  }

 private:
  std::shared_ptr<const LinearWeight> inner_;
};

/// Parts [out,in] one below the other: a view where they lie so in memory, else a copy.
at::Tensor joined(const std::vector<at::Tensor>& parts) {
  const at::Tensor& first = parts.front();
  if (parts.size() == 1) return first;
  const int64_t inputs = first.size(1);
  int64_t outputs = 0;
  for (const at::Tensor& part : parts) {
    const bool follows = part.is_contiguous() && part.size(1) == inputs && part.is_alias_of(first) &&
                         part.storage_offset() == first.storage_offset() + outputs * inputs;
    if (!follows) return at::cat(parts);
    outputs += part.size(0);
  }
  return first.as_strided({outputs, inputs}, {inputs, 1});
}

}  // namespace

std::shared_ptr<const LinearWeight> linear_weight(const std::vector<at::Tensor>& parts, Quantization how, bool gated) {
  if (parts.front().is_meta()) how = Quantization::none;
  if (how == Quantization::none && is_cpu_weight(parts.front())) return cpu_weight(parts, gated);
  const at::Tensor weight = joined(parts);
  if (how == Quantization::int8 && weight.is_cpu()) return cpu_int8_weight(weight, gated);
  if (how == Quantization::int8 && can_multiply_int8(weight)) return cuda_int8_weight(weight, gated);
  std::shared_ptr<const LinearWeight> product;
  if (how == Quantization::none)
    product = std::make_shared<PlainWeight>(weight);
  else if (how == Quantization::fp8 && can_multiply_fp8(weight))
    product = cuda_fp8_weight(weight);
  else
    product = quantized_weight(weight, how);
  if (!gated) return product;
  if (has_cuda_kernels(weight)) return cuda_gated_weight(std::move(product));
  return std::make_shared<GatedWeight>(std::move(product));
}

}  // namespace calotype::networks
