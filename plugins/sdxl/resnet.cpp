#include "resnet.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/silu.h>

namespace calotype::sdxl {

Resnet::Resnet(const Weights& weights, int64_t groups, double epsilon)
    : norm1_(weights.at("norm1"), groups, epsilon),
      norm2_(weights.at("norm2"), groups, epsilon),
      conv1_(weights.at("conv1")),
      conv2_(weights.at("conv2")) {
  if (weights.has("time_emb_proj")) time_.emplace(weights.at("time_emb_proj"));
  if (weights.has("conv_shortcut")) shortcut_.emplace(weights.at("conv_shortcut"));
}

at::Tensor Resnet::operator()(const at::Tensor& x, const at::Tensor& time) const {
  at::Tensor h = conv1_(at::silu(norm1_(x)));
  if (time_) h = h + (*time_)(time).unsqueeze(-1).unsqueeze(-1);
  h = conv2_(at::silu(norm2_(h)));
  return (shortcut_ ? (*shortcut_)(x) : x) + h;
}

}  // namespace calotype::sdxl
