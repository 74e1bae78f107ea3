#include "networks/ops/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <calotype/error.h>

#include "networks/kernels/cpu_ops.h"
#include "networks/kernels/cuda_ops.h"
#include "networks/ops/cpu_linear.h"
#include "networks/ops/linear_weight_choice.h"
#include "networks/ops/onednn.h"
#include "networks/ops/tiles.h"

namespace calotype::networks {
namespace {

/// Weights [out,in] as they lie in the file, or none where a product cannot read all of them there.
std::vector<at::Tensor> in_place(std::initializer_list<Weights> side_by_side) {
  std::vector<at::Tensor> rows;
  for (const Weights& weights : side_by_side) {
    const at::Tensor weight = weights.in_place("weight");
    if (!weight.defined() || !is_cpu_width(weight.size(1)) || weights.quantization() != Quantization::none) return {};
    rows.push_back(weight.flatten(1));
  }
  return rows;
}

}  // namespace

void check_divides(int64_t part, int64_t whole, const char* what, const std::string& where) {
  if (part < 1 || whole % part)
    throw Error(ErrorCode::bad_data, where + ": " + what + ": want a divisor of " + std::to_string(whole) +
                                         " channels, got " + std::to_string(part));
}

Linear::Linear(const Weights& weights) : Linear({weights}) {}

Linear::Linear(std::initializer_list<Weights> side_by_side, bool gated) {
  std::vector<at::Tensor> rows = in_place(side_by_side), biases;
  const bool stays = !rows.empty();
  for (const Weights& weights : side_by_side) {
    if (!stays) rows.push_back(weights["weight"].flatten(1));
    if (const at::Tensor bias = weights.find("bias"); bias.defined()) biases.push_back(bias);
  }
  inputs_ = rows.front().size(1), outputs_ = 0;
  for (const at::Tensor& part : rows) outputs_ += part.size(0) / (gated ? 2 : 1);
  if (!biases.empty()) bias_ = biases.size() == 1 ? biases.front() : at::cat(biases);
  weight_ = stays ? cpu_weight_in_place(rows, gated) : linear_weight(rows, side_by_side.begin()->quantization(), gated);
}

at::Tensor Linear::operator()(const at::Tensor& x, const at::Tensor& onto) const {
  return weight_->linear(x, bias_, onto);
}

at::Tensor Linear::operator()(const LayerInput& x, const at::Tensor& onto) const {
  return weight_->linear_of(x, bias_, onto);
}

std::optional<at::ScalarType> Linear::byte_type() const {
  return weight_->byte_type();
}

LayerInput Linear::gated_for(std::optional<at::ScalarType> byte_type, const LayerInput& x) const {
  if (byte_type) return weight_->gated_bytes(x, bias_, *byte_type);
  return weight_->linear_of(x, bias_, {});
}

Conv::Conv(const Weights& weights, int64_t stride)
    : stride_(stride), weight_(weights["weight"]), bias_(weights.find("bias")) {
  outputs_ = weight_.size(0), inputs_ = weight_.size(1), padding_ = weight_.size(-1) / 2;
  options_ = weight_.options();
  if (weights.quantization() == Quantization::int8 && has_cpu_kernels(weight_) &&
      CpuInt8Convolution::takes(weight_.sizes())) {
    int8_ = std::make_shared<CpuInt8Convolution>(weight_);
    weight_ = at::Tensor();
    return;
  }
  packed_ = is_packable(weight_);
  if (packed_) weight_ = pack_convolution(weight_, {stride_, padding_});
  // tensor cores read channels_last; what comes out of such a convolution is so too
  if (weight_.is_cuda()) weight_ = weight_.contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Conv::slid(const at::Tensor& x, int64_t padding, const at::Tensor& bias) const {
  if (int8_) return (*int8_)(x, stride_, padding, bias, {});
  if (packed_) return packed_convolution(x, weight_, bias, {stride_, padding});
  return at::conv2d(x, weight_, bias, {stride_, stride_}, {padding, padding});
}

at::Tensor Conv::operator()(const at::Tensor& x) const {
  return slid(x, padding_, bias_);
}

at::Tensor Conv::plus(const at::Tensor& x, const std::function<at::Tensor()>& onto) const {
  // ATen adds the bias of cuDNN's convolution in a pass of its own
  if (has_cuda_kernels(x)) return cuda_residual(slid(x, padding_, {}), bias_, onto());
  if (int8_) return (*int8_)(x, stride_, padding_, bias_, onto());
  return (*this)(x).add_(onto());
}

Conv::Unbiased Conv::unbiased(const at::Tensor& x) const {
  if (has_cuda_kernels(x)) return {slid(x, padding_, {}), bias_};
  return {(*this)(x), {}};
}

at::Tensor Conv::padded_at_end(const at::Tensor& x) const {
  return slid(at::constant_pad_nd(x, {0, 1, 0, 1}), 0, bias_);
}

GroupNorm::GroupNorm(const Weights& weights, int64_t groups, double epsilon)
    : weight_(weights["weight"]), bias_(weights["bias"]), groups_(groups), epsilon_(epsilon) {
  check_divides(groups, weight_.numel(), "norm_num_groups", weights.where());
}

at::Tensor GroupNorm::normal(const at::Tensor& x, bool silu, const at::Tensor& added) const {
  if (has_cpu_kernels(x))
    return cpu_group_norm(x, cpu_group_scales(x, groups_, epsilon_, added), weight_, bias_, silu, added);
  if (has_cuda_kernels(x)) return cuda_group_norm(x, groups_, weight_, bias_, epsilon_, silu, added);
  const at::Tensor out =
      at::group_norm(added.defined() ? x + added.unsqueeze(-1).unsqueeze(-1) : x, groups_, weight_, bias_, epsilon_);
  return silu ? at::silu(out) : out;
}

std::function<at::Tensor(const at::Tensor&)> GroupNorm::silu_of(const at::Tensor& whole) const {
  if (has_cpu_kernels(whole))
    return [scales = cpu_group_scales(whole, groups_, epsilon_, {}), weight = weight_,
            bias = bias_](const at::Tensor& x) { return cpu_group_norm(x, scales, weight, bias, true, {}); };
  const auto [mean, variance] = group_statistics(whole, groups_);
  const int64_t width = weight_.numel() / groups_;
  const auto per_channel = [&](const at::Tensor& t) {
    return t.repeat_interleave(width, 1).unsqueeze(-1).unsqueeze(-1);
  };
  const at::Tensor factor = per_channel((variance + epsilon_).rsqrt()) * weight_.to(at::kDouble).view({1, -1, 1, 1});
  const at::Tensor offset = bias_.to(at::kDouble).view({1, -1, 1, 1}) - per_channel(mean) * factor;
  return [factor = factor.to(at::kFloat), offset = offset.to(at::kFloat)](const at::Tensor& x) {
    return at::silu(at::addcmul(offset, x.to(at::kFloat), factor)).to(x.scalar_type());
  };
}

LayerNorm::LayerNorm(const Weights& weights, double epsilon)
    : weight_(weights["weight"]), bias_(weights["bias"]), epsilon_(epsilon) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  if (has_cpu_kernels(x)) return cpu_layer_norm(x, weight_, bias_, epsilon_);
  if (has_cuda_kernels(x)) return cuda_layer_norm(x, weight_, bias_, epsilon_);
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, epsilon_);
}

LayerNorm::OfSum LayerNorm::of_sum(const at::Tensor& x,
                                   const std::function<at::Tensor(const at::Tensor&)>& layer) const {
  if (has_cuda_kernels(x)) {
    auto [sum, normal] = cuda_layer_norm_of_sum(layer({}), x, weight_, bias_, epsilon_);
    return {std::move(sum), std::move(normal)};
  }
  const at::Tensor sum = layer(x);
  return {sum, (*this)(sum)};
}

LayerNorm::OfSumFor LayerNorm::of_sum_for(std::optional<at::ScalarType> byte_type, const at::Tensor& x,
                                          const at::Tensor& onto) const {
  if (byte_type) {
    auto [sum, normal] = cuda_layer_norm_bytes(x, onto, weight_, bias_, epsilon_, *byte_type);
    return {std::move(sum), std::move(normal)};
  }
  if (!onto.defined()) return {x, cuda_layer_norm(x, weight_, bias_, epsilon_)};
  auto [sum, normal] = cuda_layer_norm_of_sum(x, onto, weight_, bias_, epsilon_);
  return {std::move(sum), std::move(normal)};
}

at::Tensor enlarged(const at::Tensor& x, int64_t height, int64_t width) {
  return at::upsample_nearest2d(x, {height, width});
}

}  // namespace calotype::networks
