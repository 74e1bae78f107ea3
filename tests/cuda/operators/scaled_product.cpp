#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>

#include "cublas.h"
#include "own_operators.h"

namespace stand_in {
namespace {

/// What cuBLAS wants of rows times columns in e4m3.
void check(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale_a, const at::Tensor& scale_b,
           const std::optional<at::Tensor>& bias, std::optional<at::ScalarType> type) {
  for (const at::Tensor* t : {&a, &b, &scale_a, &scale_b}) TORCH_CHECK(t->is_cuda(), "stand-in: _scaled_mm: devices");
  TORCH_CHECK(!bias || bias->is_cuda(), "stand-in: _scaled_mm: devices");
  TORCH_CHECK(a.dim() == 2 && b.dim() == 2 && a.size(1) == b.size(0), "stand-in: _scaled_mm: shapes");
  TORCH_CHECK(a.size(1) % 16 == 0 && b.size(1) % 16 == 0, "stand-in: _scaled_mm: want sizes of multiples of 16");
  TORCH_CHECK(a.is_contiguous() && b.t().is_contiguous(), "stand-in: _scaled_mm: want rows times columns");
  const auto is_scale = [](const at::Tensor& t, at::IntArrayRef shape) {
    return t.is_contiguous() && t.sizes() == shape && t.scalar_type() == at::kFloat;
  };
  TORCH_CHECK(is_scale(scale_a, {a.size(0), 1}) && is_scale(scale_b, {1, b.size(1)}), "stand-in: _scaled_mm: scales");
  TORCH_CHECK(type == at::kBFloat16 && (!bias || bias->scalar_type() == at::kBFloat16), "stand-in: _scaled_mm: types");
}

}  // namespace

at::Tensor scaled_product(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale_a,
                          const at::Tensor& scale_b, const std::optional<at::Tensor>& bias,
                          const std::optional<at::Tensor>&, std::optional<at::ScalarType> type, bool) {
  check(a, b, scale_a, scale_b, bias, type);
  Ranges ranges;
  for (const at::Tensor* t : {&a, &b, &scale_a, &scale_b}) ranges.add(*t, false);
  if (bias) ranges.add(*bias, false);
  use_cublas(a.device(), ranges);
  return made_anew("aten::_scaled_mm", a.device(), ranges,
                   [x = seen_by_cpu(a), y = seen_by_cpu(b), of_x = seen_by_cpu(scale_a), of_y = seen_by_cpu(scale_b),
                    added = bias ? seen_by_cpu(*bias) : at::Tensor()] {
                     const at::Tensor product = at::matmul(x.to(at::kFloat), y.to(at::kFloat)) * of_x * of_y;
                     return Tensors{(added.defined() ? product + added.to(at::kFloat) : product).to(at::kBFloat16)};
                   })
      .front();
}

}  // namespace stand_in
