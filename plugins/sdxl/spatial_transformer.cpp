#include "spatial_transformer.h"

#include <ATen/TensorOperators.h>

#include <optional>

namespace calotype::sdxl {

SpatialTransformer::Block::Block(const Weights& weights, int64_t heads)
    : norm1(weights.at("norm1")),
      norm2(weights.at("norm2")),
      norm3(weights.at("norm3")),
      to_image(weights.at("attn1"), heads),
      to_text(weights.at("attn2"), heads),
      gated(Linear::gated(weights.at("ff.net.0.proj"))),
      narrowing(weights.at("ff.net.2")) {}

at::Tensor SpatialTransformer::Block::operator()(at::Tensor x, const Context& context, const TokenMerging* merging) const {
  const at::Tensor& text = keys_and_values(context);
  AttentionChoice* attention = context.attention.get();
  auto h = norm2.of_sum(x, [&](const at::Tensor& onto) {
    if (!merging) return to_image(norm1(x), onto, false, attention);
    const at::Tensor spread = merging->spread(to_image(merging->merged(norm1(x)), {}, false, attention));
    return onto.defined() ? spread + onto : spread;
  });
  h = norm3.of_sum(h.sum, [&](const at::Tensor& onto) { return to_text(h.normal, text, onto, attention); });
  return narrowing(gated(h.normal), h.sum);
}

const at::Tensor& SpatialTransformer::Block::keys_and_values(const Context& context) const {
  return context.memory->next([&] { return to_text.keys_and_values(context.encoded); });
}

SpatialTransformer::SpatialTransformer(const Weights& weights, int64_t heads, int64_t groups, bool is_largest)
    : norm_(weights.at("norm"), groups, 1e-6),
      in_(weights.at("proj_in")),
      out_(weights.at("proj_out")),
      is_largest_(is_largest) {
  const int depth = std::max(weights.count("transformer_blocks"), 1);  // none: the missing tensor is named below
  for (int i = 0; i < depth; ++i) blocks_.emplace_back(weights.at("transformer_blocks." + std::to_string(i)), heads);
}

void SpatialTransformer::read_text(const Context& context) const {
  for (const Block& block : blocks_) block.keys_and_values(context);
}

at::Tensor SpatialTransformer::operator()(const at::Tensor& x, const Context& context) const {
  at::Tensor places = in_(norm_(x).flatten(2).transpose(1, 2));  // [N,H*W,C]
  std::optional<TokenMerging> merging;  // one for all layers: what is alike stays so
  if (is_largest_ && context.token_merging > 0) merging.emplace(places, x.size(2), x.size(3), context.token_merging);
  for (const Block& block : blocks_) places = block(places, context, merging ? &*merging : nullptr);
  return out_(places).transpose(1, 2).unflatten(-1, {x.size(2), x.size(3)}) + x;
}

}  // namespace calotype::sdxl
