// Every tensor of CLIP's text encoder as a function of its depth and widths.
#include <algorithm>

#include "networks/layouts/declared_networks.h"

namespace calotype::networks {
namespace {

using std::string;

constexpr int kPlaces = 77;
constexpr int64_t kVocabulary = 49408;
const string kBody = "text_model.", kLayers = kBody + "encoder.layers.",
             kTokens = kBody + "embeddings.token_embedding.weight",
             kPositions = kBody + "embeddings.position_embedding.weight", kProjection = "text_projection.weight";

}  // namespace

int64_t text_width(const TensorSources& text_encoder) {
  return Found(text_encoder)
      .agreed({{kTokens, 1},
               {kPositions, 1},
               {kBody + "final_layer_norm.weight", 0},
               {kBody + "final_layer_norm.bias", 0},
               {kLayers + "0.layer_norm1.weight", 0}});
}

Declaration declared_text_encoder(const TensorSources& tensors, const ModelConfig& config, bool is_projected) {
  const Found found(tensors);
  Declaration out;
  const int64_t width = text_width(tensors);
  const int64_t wide = found.agreed(
      {{kLayers + "0.mlp.fc1.weight", 0}, {kLayers + "0.mlp.fc1.bias", 0}, {kLayers + "0.mlp.fc2.weight", 1}});
  // any vocabulary, of CLIP's size or a part of it
  out.tensor(kTokens, {found.size(kTokens, 1) ? found.size(kTokens, 0) : kVocabulary, width});
  out.tensor(kPositions, {config.integer("max_position_embeddings", kPlaces, 1, 1 << 20), width});
  const int depth = found.count(kLayers, config.integer("num_hidden_layers", 1, 1, 1000), 1000);
  for (int i = 0; i < depth; ++i) {
    const string layer = kLayers + std::to_string(i);
    out.norm(layer + ".layer_norm1", width);
    out.norm(layer + ".layer_norm2", width);
    for (const char* part : {".self_attn.q_proj", ".self_attn.k_proj", ".self_attn.v_proj", ".self_attn.out_proj"})
      out.linear(layer + part, width, width);
    out.linear(layer + ".mlp.fc1", wide, width);
    out.linear(layer + ".mlp.fc2", width, wide);
  }
  out.norm(kBody + "final_layer_norm", width);
  out.tensor(kProjection, {config.integer("projection_dim", int(width), 1, 1 << 20), width}, !is_projected);
  return out;
}

}  // namespace calotype::networks
