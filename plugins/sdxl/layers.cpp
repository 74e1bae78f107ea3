#include "layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <calotype/error.h>

#include "tiles.h"

namespace calotype::sdxl {
namespace {

void check_divides(int64_t part, int64_t whole, const char* what, const std::string& where) {
  if (part < 1 || whole % part)
    throw Error(ErrorCode::bad_data, where + ": " + what + ": want a divisor of " + std::to_string(whole) +
                                         " channels, got " + std::to_string(part));
}

}  // namespace

Linear::Linear(const Weights& weights) : weight_(weights["weight"].flatten(1)), bias_(weights.find("bias")) {
  outputs_ = weight_.size(0), inputs_ = weight_.size(1);
  if (weights.quantization() == Quantization::none || weight_.is_meta()) return;
  quantized_ = quantized(weight_, weights.quantization());
  weight_ = at::Tensor();
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return quantized_ ? quantized_->linear(x, bias_) : at::linear(x, weight_, bias_);
}

Conv::Conv(const Weights& weights, int64_t stride)
    : weight_(weights["weight"]), bias_(weights.find("bias")), stride_(stride) {
  // tensor cores read channels_last; what comes out of such a convolution is so too
  if (weight_.is_cuda()) weight_ = weight_.contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Conv::operator()(const at::Tensor& x) const {
  const int64_t padding = weight_.size(-1) / 2;
  return at::conv2d(x, weight_, bias_, {stride_, stride_}, {padding, padding});
}

at::Tensor Conv::padded_at_end(const at::Tensor& x) const {
  return at::conv2d(at::constant_pad_nd(x, {0, 1, 0, 1}), weight_, bias_, {stride_, stride_});
}

GroupNorm::GroupNorm(const Weights& weights, int64_t groups, double epsilon)
    : weight_(weights["weight"]), bias_(weights["bias"]), groups_(groups), epsilon_(epsilon) {
  check_divides(groups, weight_.numel(), "norm_num_groups", weights.where());
}

at::Tensor GroupNorm::operator()(const at::Tensor& x) const {
  return at::group_norm(x, groups_, weight_, bias_, epsilon_);
}

std::function<at::Tensor(const at::Tensor&)> GroupNorm::of(const at::Tensor& whole) const {
  const auto [mean, variance] = group_statistics(whole, groups_);
  const int64_t width = weight_.numel() / groups_;
  const auto per_channel = [&](const at::Tensor& t) { return t.repeat_interleave(width, 1).unsqueeze(-1).unsqueeze(-1); };
  const at::Tensor factor = per_channel((variance + epsilon_).rsqrt()) * weight_.to(at::kDouble).view({1, -1, 1, 1});
  const at::Tensor offset = bias_.to(at::kDouble).view({1, -1, 1, 1}) - per_channel(mean) * factor;
  return [factor = factor.to(at::kFloat), offset = offset.to(at::kFloat)](const at::Tensor& x) {
    return at::addcmul(offset, x.to(at::kFloat), factor).to(x.scalar_type());
  };
}

LayerNorm::LayerNorm(const Weights& weights, double epsilon)
    : weight_(weights["weight"]), bias_(weights["bias"]), epsilon_(epsilon) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, epsilon_);
}

Attention::Attention(const Weights& weights, int64_t heads)
    : Attention(Linear(weights.at("to_q")), Linear(weights.at("to_k")), Linear(weights.at("to_v")),
                Linear(weights.at("to_out.0")), heads, weights.where()) {}

Attention::Attention(Linear query, Linear key, Linear value, Linear out, int64_t heads, const std::string& where)
    : query(std::move(query)), key(std::move(key)), value(std::move(value)), out(std::move(out)), heads(heads) {
  check_divides(heads, this->query.outputs(), "attention heads", where);
}

at::Tensor Attention::operator()(const at::Tensor& x, const at::Tensor& context, bool causal) const {
  const auto split = [this](const at::Tensor& t) { return t.unflatten(-1, {heads, t.size(-1) / heads}).transpose(1, 2); };
  const at::Tensor y =
      at::scaled_dot_product_attention(split(query(x)), split(key(context)), split(value(context)), {}, 0.0, causal);
  return out(y.transpose(1, 2).flatten(2));
}

at::Tensor enlarged(const at::Tensor& x, int64_t height, int64_t width) {
  return at::upsample_nearest2d(x, {height, width});
}

}  // namespace calotype::sdxl
