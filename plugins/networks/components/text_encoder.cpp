#include "networks/components/text_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tensor.h>
#include <calotype/error.h>

#include <algorithm>

#include "networks/ops/parallel.h"

namespace calotype::networks {
namespace {

constexpr int kMany = 1 << 20;

SelfAttention self_attention(const Weights& weights, int64_t heads) {
  return {Linear({weights.at("q_proj"), weights.at("k_proj"), weights.at("v_proj")}), Linear(weights.at("out_proj")),
          heads, weights.where()};
}

/// transformers has written these tensors with a "text_model." before them and without.
Weights body(const Weights& weights) {
  return weights.has("text_model") ? weights.at("text_model") : weights;
}

double epsilon(const ModelConfig& config) {
  return config.number("layer_norm_eps", 1e-5, 0, 1);
}

/// Whether the activation is x * sigmoid(1.702 x), not the exact one.
bool is_quick_gelu(const ModelConfig& config, const std::string& otherwise) {
  const std::string name = config.text("hidden_act", otherwise);
  if (name != "gelu" && name != "quick_gelu") config.fail("hidden_act", R"("gelu" or "quick_gelu")");
  return name == "quick_gelu";
}

}  // namespace

TextEncoder::Layer::Layer(const Weights& weights, int64_t heads, double epsilon, bool quick_gelu)
    : norm1(weights.at("layer_norm1"), epsilon),
      norm2(weights.at("layer_norm2"), epsilon),
      attention(self_attention(weights.at("self_attn"), heads)),
      widening(weights.at("mlp.fc1")),
      narrowing(weights.at("mlp.fc2")),
      quick_gelu(quick_gelu) {}

at::Tensor TextEncoder::Layer::operator()(at::Tensor x) const {
  x = attention(norm1(x), x, /*causal=*/true);
  const at::Tensor wide = widening(norm2(x));
  return narrowing(quick_gelu ? wide * at::sigmoid(wide * 1.702) : at::gelu(wide), x);
}

TextEncoder::TextEncoder(const Weights& weights, const ModelConfig& config, const std::string& activation,
                         HiddenStates read)
    : tokens_(body(weights).in_place("embeddings.token_embedding.weight")),
      positions_(body(weights)["embeddings.position_embedding.weight"]),
      norm_(body(weights).at("final_layer_norm"), epsilon(config)),
      read_(read) {
  if (!tokens_.defined()) tokens_ = body(weights)["embeddings.token_embedding.weight"];
  const Weights layers = body(weights).at("encoder");
  const int64_t heads = config.integer("num_attention_heads", int(std::max<int64_t>(width() / 64, 1)), 1, kMany);
  const bool quick_gelu = is_quick_gelu(config, activation);
  const int depth = std::max(layers.count("layers"), 1);  // none: the missing tensor is named below
  layers_ = made_in_parallel<Layer>(size_t(depth), [&, epsilon = epsilon(config)](size_t i) {
    return Layer(layers.at("layers." + std::to_string(i)), heads, epsilon, quick_gelu);
  });
  if (weights.has("text_projection")) projection_.emplace(weights.at("text_projection").quantized(Quantization::none));
}

TextEncoder::Encoding TextEncoder::operator()(std::span<const int64_t> ids, int64_t end, int clip_skip) const {
  const at::Tensor indices = at::tensor(at::ArrayRef<int64_t>(ids.data(), ids.size())).to(tokens_.device());
  at::Tensor x = (at::embedding(tokens_, indices).to(positions_.scalar_type()) + positions_).unsqueeze(0);
  Encoding encoding;
  const bool is_last = read_ == HiddenStates::last_normalised;
  const int wanted = layers() - clip_skip - (is_last ? 0 : 1);  // layers that the hidden states went through
  for (int i = 0; i < layers(); ++i) {
    if (i == wanted) encoding.hidden = x;
    if (i >= wanted && !projection_) break;
    x = layers_[size_t(i)](x);
  }
  if (wanted == layers()) encoding.hidden = x;
  if (projection_) encoding.pooled = (*projection_)(norm_(x.select(1, end)));
  if (is_last) encoding.hidden = norm_(encoding.hidden);
  return encoding;
}

}  // namespace calotype::networks
