#include "networks/ops/cuda_fp8.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_scaled_mm.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/empty.h>

#include "networks/kernels/cuda_launch.h"
#include "networks/kernels/cuda_ops.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {
namespace {

constexpr double kTiny = 1e-30, kLargest = 448;

class CudaFp8Weight final : public LinearWeight {
 public:
  explicit CudaFp8Weight(const at::Tensor& weight) {
    const at::Tensor exact = weight.to(at::kFloat);
    const at::Tensor scale = at::amax(exact.abs(), -1, true).clamp_min(kTiny) / kLargest;
    stored_ = (exact / scale).to(at::kFloat8_e4m3fn);
    scale_ = scale.t().contiguous();
  }
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const auto [rows, scales] = cuda_fp8_rows(x.flatten(0, -2));
    return linear_of_bytes({rows.view(x.sizes()), scales, x.scalar_type()}, bias, onto);
  }
  std::optional<at::ScalarType> byte_type() const override { return at::kFloat8_e4m3fn; }
  at::Tensor linear_of_bytes(const ByteRows& x, const at::Tensor& bias, const at::Tensor& onto) const override {
    const auto added = bias.defined() ? std::optional(bias.to(at::kBFloat16)) : std::nullopt;
    auto shape = x.bytes.sizes().vec();
    shape.back() = stored_.size(0);
    const at::Tensor out =
        at::_scaled_mm(x.bytes.flatten(0, -2), stored_.t(), x.scales.view({-1, 1}), scale_, added, {}, at::kBFloat16,
                       /*use_fast_accum=*/true)
            .to(x.type)
            .view(shape);
    return onto.defined() ? out + onto : out;
  }

 private:
  at::Tensor stored_, scale_;  // [out,in] e4m3, [1,out] float32
};

}  // namespace

bool can_multiply_fp8(const at::Tensor& weight) {
  if (!has_cuda_kernels(weight) || weight.size(0) % 16 || weight.size(1) % 16) return false;
  const int32_t capability = cuda_library().compute_capability(weight.device().index());
  return capability == 89 || (capability >= 90 && capability < 110) || (capability >= 120 && capability < 130);
}

std::pair<at::Tensor, at::Tensor> cuda_fp8_rows(const at::Tensor& x) {
  KernelChecks("cuda fp8 rows", x, 2).channels(x.size(1));
  const at::Tensor source = x.contiguous(), result = at::empty(x.sizes(), x.options().dtype(at::kFloat8_e4m3fn)),
                   scales = at::empty({x.size(0), 1}, x.options().dtype(at::kFloat));
  launch("fp8 rows", x, cuda_library().fp8_rows,
         cuda::ByteRowsCall{.format = format(x),
                            .rows = x.size(0),
                            .channels = x.size(1),
                            .source = in(source),
                            .result = result.mutable_data_ptr(),
                            .scales = scales.mutable_data_ptr<float>()});
  return {result, scales};
}

std::shared_ptr<const LinearWeight> cuda_fp8_weight(const at::Tensor& weight) {
  return std::make_shared<CudaFp8Weight>(weight);
}

}  // namespace calotype::networks
