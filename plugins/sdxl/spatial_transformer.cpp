#include "spatial_transformer.h"

#include <ATen/TensorOperators.h>

namespace calotype::sdxl {

SpatialTransformer::Block::Block(const Weights& weights, int64_t heads)
    : norm1(weights.at("norm1")),
      norm2(weights.at("norm2")),
      norm3(weights.at("norm3")),
      to_image(weights.at("attn1"), heads),
      to_text(weights.at("attn2"), heads),
      gated(Linear::gated(weights.at("ff.net.0.proj"))),
      narrowing(weights.at("ff.net.2")) {}

at::Tensor SpatialTransformer::Block::operator()(at::Tensor x, const Context& context) const {
  const at::Tensor& text = context.memory->next([&] { return to_text.keys_and_values(context.encoded); });
  auto h = norm2.of_sum(x, [&](const at::Tensor& onto) { return to_image(norm1(x), onto, false, context.attention.get()); });
  h = norm3.of_sum(h.sum, [&](const at::Tensor& onto) { return to_text(h.normal, text, onto, context.attention.get()); });
  return narrowing(gated(h.normal), h.sum);
}

SpatialTransformer::SpatialTransformer(const Weights& weights, int64_t heads, int64_t groups)
    : norm_(weights.at("norm"), groups, 1e-6), in_(weights.at("proj_in")), out_(weights.at("proj_out")) {
  const int depth = std::max(weights.count("transformer_blocks"), 1);  // none: the missing tensor is named below
  for (int i = 0; i < depth; ++i) blocks_.emplace_back(weights.at("transformer_blocks." + std::to_string(i)), heads);
}

at::Tensor SpatialTransformer::operator()(const at::Tensor& x, const Context& context) const {
  at::Tensor places = in_(norm_(x).flatten(2).transpose(1, 2));  // [N,H*W,C]
  for (const Block& block : blocks_) places = block(places, context);
  return out_(places).transpose(1, 2).unflatten(-1, {x.size(2), x.size(3)}) + x;
}

}  // namespace calotype::sdxl
