#include "networks/components/resnet.h"

#include <ATen/TensorOperators.h>

#include "networks/ops/tiles.h"

namespace calotype::networks {

Resnet::Resnet(const Weights& weights, int64_t groups, double epsilon)
    : norm1_(weights.at("norm1"), groups, epsilon),
      norm2_(weights.at("norm2"), groups, epsilon),
      conv1_(weights.at("conv1")),
      conv2_(weights.at("conv2")) {
  if (weights.has("time_emb_proj")) time_.emplace(weights.at("time_emb_proj").quantized(Quantization::none));
  if (weights.has("conv_shortcut")) shortcut_.emplace(weights.at("conv_shortcut"));
}

at::Tensor Resnet::operator()(const at::Tensor& x, const at::Tensor& time) const {
  at::Tensor h;
  {  // what the first convolution gave is let go before the second one takes room
    const auto [first, bias] = conv1_.unbiased(norm1_.silu(x));
    at::Tensor added = time_ ? (*time_)(time) : at::Tensor();
    if (bias.defined()) added = added.defined() ? added + bias : bias.expand({x.size(0), -1});
    h = norm2_.silu(first, added);
  }
  return conv2_.plus(h, [&] { return shortcut_ ? (*shortcut_)(x) : x; });
}

at::Tensor Resnet::tiled(at::Tensor x) const {
  const auto half = [](const at::Tensor& in, const GroupNorm& norm, const Conv& conv, const at::Tensor& onto = {}) {
    return in_tiles(in, 1, [normal = norm.silu_of(in), &conv](const at::Tensor& t) { return conv(normal(t)); }, onto);
  };
  const at::Tensor h = half(x, norm1_, conv1_);
  if (shortcut_) x = in_tiles(x, 1, *shortcut_);
  return half(h, norm2_, conv2_, x);
}

}  // namespace calotype::networks
