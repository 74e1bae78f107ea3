#include "networks/kernels/cuda_ops.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "networks/kernels/cuda_byte_rows.h"
#include "networks/kernels/cuda_launch.h"
#include "networks/kernels/kernel_checks.h"

namespace calotype::networks {
namespace {

cuda::LayerNormCall layer_norm_call(const at::Tensor& source, const at::Tensor& onto, const at::Tensor& weight,
                                    const at::Tensor& bias, double epsilon, const at::Tensor& sum) {
  return {.format = format(source),
          .rows = source.numel() / source.size(-1),
          .channels = source.size(-1),
          .epsilon = epsilon,
          .source = in(source),
          .onto = in(onto),
          .weight = in(weight),
          .bias = in(bias),
          .sum = sum.defined() ? sum.mutable_data_ptr() : nullptr,
          .result = nullptr};
}

void normalise(const at::Tensor& source, const at::Tensor& onto, const at::Tensor& weight, const at::Tensor& bias,
               double epsilon, const at::Tensor& sum, const at::Tensor& result) {
  const at::Tensor factor = dense(weight, source), offset = dense(bias, source);
  cuda::LayerNormCall call = layer_norm_call(source, onto, factor, offset, epsilon, sum);
  call.result = result.mutable_data_ptr();
  launch("layer norm", source, cuda_library().layer_norm, call);
}

void check_layer_norm(const at::Tensor& x, const at::Tensor& onto, const at::Tensor& weight, const at::Tensor& bias) {
  const KernelChecks checks("cuda layer norm", x, 0);
  checks.channels(x.size(-1));
  checks.weight("weight", weight, {x.size(-1)});
  checks.weight("bias", bias, {x.size(-1)});
  checks.input_or_none("onto", onto, x.sizes());
}

cuda::GegluCall geglu_call(const at::Tensor& source, const at::Tensor& bias) {
  const int64_t channels = source.size(-1) / 2;
  return {.format = format(source),
          .rows = source.numel() / source.size(-1),
          .channels = channels,
          .source = in(source),
          .bias = in(bias),
          .result = nullptr};
}

/// [...,C] of x's [...,2C]
std::vector<int64_t> gated_shape(const at::Tensor& x) {
  auto sizes = x.sizes().vec();
  sizes.back() /= 2;
  return sizes;
}

void check_geglu(const at::Tensor& x, const at::Tensor& bias) {
  const KernelChecks checks("cuda geglu", x, 0);
  checks.channels(x.size(-1), 2);
  checks.weight_or_none("bias", bias, {x.size(-1)});
}

}  // namespace

bool has_cuda_kernels(const at::Tensor& x) {
  const auto type = x.scalar_type();
  return is_cuda_library_built() && x.is_cuda() && (type == at::kFloat || type == at::kBFloat16 || type == at::kHalf);
}

at::Tensor cuda_group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                           double epsilon, bool silu, const at::Tensor& add) {
  const KernelChecks checks("cuda group norm", x, 4);
  checks.channels(x.size(1));
  checks.divisor("groups", groups, x.size(1));
  checks.weight("weight", weight, {x.size(1)});
  checks.weight("bias", bias, {x.size(1)});
  checks.input_or_none("add", add, {x.size(0), x.size(1)});
  const at::Tensor source = x.contiguous(at::MemoryFormat::ChannelsLast), added = dense(add, x),
                   factor = dense(weight, x), offset = dense(bias, x), result = at::empty_like(source);
  cuda::GroupNormCall call{.format = format(x),
                           .images = x.size(0),
                           .places = x.size(2) * x.size(3),
                           .channels = x.size(1),
                           .groups = groups,
                           .epsilon = epsilon,
                           .silu = silu,
                           .source = in(source),
                           .added = in(added),
                           .weight = in(factor),
                           .bias = in(offset),
                           .workspace = nullptr,
                           .result = result.mutable_data_ptr()};
  const at::Tensor workspace = at::empty({cuda_library().group_norm_workspace(&call)}, x.options().dtype(at::kFloat));
  call.workspace = static_cast<float*>(workspace.mutable_data_ptr());
  launch("group norm", x, cuda_library().group_norm, call);
  return result;
}

at::Tensor cuda_layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
  check_layer_norm(x, {}, weight, bias);
  const at::Tensor source = x.contiguous(), result = at::empty_like(source);
  normalise(source, {}, weight, bias, epsilon, {}, result);
  return result;
}

std::pair<at::Tensor, at::Tensor> cuda_layer_norm_of_sum(const at::Tensor& x, const at::Tensor& onto,
                                                         const at::Tensor& weight, const at::Tensor& bias,
                                                         double epsilon) {
  check_layer_norm(x, onto, weight, bias);
  const at::Tensor source = x.contiguous(), result = at::empty_like(source), sum = at::empty_like(source);
  normalise(source, dense(onto, x), weight, bias, epsilon, sum, result);
  return {sum, result};
}

CudaNormalBytes cuda_layer_norm_bytes(const at::Tensor& x, const at::Tensor& onto, const at::Tensor& weight,
                                      const at::Tensor& bias, double epsilon, at::ScalarType type) {
  check_layer_norm(x, onto, weight, bias);
  const at::Tensor source = x.contiguous(), added = dense(onto, x), factor = dense(weight, x), offset = dense(bias, x),
                   sum = onto.defined() ? at::empty_like(source) : at::Tensor();
  const ByteRows rows = empty_byte_rows(x, x.sizes(), type);
  launch("layer norm", x, cuda_library().layer_norm_bytes,
         cuda::LayerNormBytesCall{layer_norm_call(source, added, factor, offset, epsilon, sum), rows_of(rows)});
  return {sum.defined() ? sum : x, rows};
}

at::Tensor cuda_geglu(const at::Tensor& x, const at::Tensor& bias) {
  check_geglu(x, bias);
  const at::Tensor source = x.contiguous(), offset = dense(bias, x), result = at::empty(gated_shape(x), x.options());
  cuda::GegluCall call = geglu_call(source, offset);
  call.result = result.mutable_data_ptr();
  launch("geglu", x, cuda_library().geglu, call);
  return result;
}

ByteRows cuda_geglu_bytes(const at::Tensor& x, const at::Tensor& bias, at::ScalarType type) {
  check_geglu(x, bias);
  const at::Tensor source = x.contiguous(), offset = dense(bias, x);
  const ByteRows rows = empty_byte_rows(x, gated_shape(x), type);
  launch("geglu", x, cuda_library().geglu_bytes, cuda::GegluBytesCall{geglu_call(source, offset), rows_of(rows)});
  return rows;
}

at::Tensor cuda_residual(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& onto) {
  const KernelChecks checks("cuda residual", x, 4);
  checks.channels(x.size(1));
  checks.weight_or_none("bias", bias, {x.size(1)});
  checks.input("onto", onto, x.sizes());
  const auto layout = at::MemoryFormat::ChannelsLast;
  const at::Tensor result = x.contiguous(layout), other = onto.to(x.scalar_type()).contiguous(layout),
                   offset = dense(bias, x);
  const cuda::ResidualCall call{.format = format(x),
                                .rows = x.numel() / x.size(1),
                                .channels = x.size(1),
                                .source = in(result),
                                .onto = in(other),
                                .bias = in(offset),
                                .result = result.mutable_data_ptr()};
  launch("residual", x, cuda_library().residual, call);
  return result;
}

}  // namespace calotype::networks
