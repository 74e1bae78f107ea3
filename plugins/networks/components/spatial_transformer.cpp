#include "networks/components/spatial_transformer.h"

#include <ATen/TensorOperators.h>

#include <optional>

#include "networks/kernels/cuda_ops.h"

namespace calotype::networks {

namespace {

/// What chooses the kernel of attention among an image's positions, and to the text.
struct Choices {
  explicit Choices(const Context& context) : of_text(context.attention.get()) {
    if (of_text && !of_text->is_of_text_alone()) of_image = of_text;
  }
  AttentionChoice *of_image = nullptr, *of_text;
};

}  // namespace

SpatialTransformer::Block::Block(const Weights& weights, int64_t heads)
    : norm1(weights.at("norm1")),
      norm2(weights.at("norm2")),
      norm3(weights.at("norm3")),
      to_image(weights.at("attn1"), heads),
      to_text(weights.at("attn2"), heads),
      gated(Linear::gated(weights.at("ff.net.0.proj"))),
      narrowing(weights.at("ff.net.2")) {}

at::Tensor SpatialTransformer::Block::operator()(at::Tensor x, const Context& context,
                                                 const TokenMerging* merging) const {
  const at::Tensor& text = keys_and_values(context);
  const Choices choices(context);
  auto h = norm2.of_sum(x, [&](const at::Tensor& onto) {
    if (!merging) return to_image(norm1(x), onto, false, choices.of_image);
    const at::Tensor spread = merging->spread(to_image(merging->merged(norm1(x)), {}, false, choices.of_image));
    return onto.defined() ? spread + onto : spread;
  });
  h = norm3.of_sum(h.sum, [&](const at::Tensor& onto) { return to_text(h.normal, text, onto, choices.of_text); });
  return narrowing(gated(h.normal), h.sum);
}

SpatialTransformer::Block::Pending SpatialTransformer::Block::fused(const Pending& in, const Context& context) const {
  const at::Tensor& text = keys_and_values(context);
  const Choices choices(context);
  auto h = norm1.of_sum_for(to_image.byte_type(), in.x, in.onto);
  h = norm2.of_sum_for(to_text.byte_type(), to_image(h.normal, {}, false, choices.of_image), h.sum);
  h = norm3.of_sum_for(gated.byte_type(), to_text(h.normal, text, {}, choices.of_text), h.sum);
  return {narrowing(gated.gated_for(narrowing.byte_type(), h.normal)), h.sum};
}

const at::Tensor& SpatialTransformer::Block::keys_and_values(const Context& context) const {
  return context.memory->next([&] { return to_text.keys_and_values(context.encoded); });
}

SpatialTransformer::SpatialTransformer(const Weights& weights, int64_t heads, int64_t groups, bool is_largest)
    : norm_(weights.at("norm"), groups, 1e-6),
      in_(weights.at("proj_in")),
      out_(weights.at("proj_out")),
      is_largest_(is_largest),
      fuses_all_(weights.fuses_all()) {
  const int depth = std::max(weights.count("transformer_blocks"), 1);  // none: the missing tensor is named below
  for (int i = 0; i < depth; ++i) blocks_.emplace_back(weights.at("transformer_blocks." + std::to_string(i)), heads);
}

void SpatialTransformer::read_text(const Context& context) const {
  for (const Block& block : blocks_) block.keys_and_values(context);
}

at::Tensor SpatialTransformer::through_blocks(at::Tensor places, const Context& context,
                                              const TokenMerging* merging) const {
  if (!fuses_all_ || merging || !has_cuda_kernels(places)) {
    for (const Block& block : blocks_) places = block(places, context, merging);
    return places;
  }
  Block::Pending pending{places, {}};
  for (const Block& block : blocks_) pending = block.fused(pending, context);
  return pending.x + pending.onto;
}

at::Tensor SpatialTransformer::operator()(const at::Tensor& x, const Context& context) const {
  at::Tensor places = in_(norm_(x).flatten(2).transpose(1, 2));  // [N,H*W,C]
  std::optional<TokenMerging> merging;                           // one for all layers: what is alike stays so
  if (is_largest_ && context.token_merging > 0) merging.emplace(places, x.size(2), x.size(3), context.token_merging);
  places = through_blocks(places, context, merging ? &*merging : nullptr);
  return out_(places).transpose(1, 2).unflatten(-1, {x.size(2), x.size(3)}) + x;
}

}  // namespace calotype::networks
