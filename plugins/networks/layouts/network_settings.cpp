#include "networks/layouts/network_settings.h"

#include <algorithm>

#include "networks/layouts/declared_networks.h"
#include "networks/layouts/model_layout.h"

namespace calotype::networks {
namespace {

using std::string;
using Sizes = std::vector<int64_t>;

constexpr int kMany = 1 << 20;

[[noreturn]] void contradict(const ModelConfig& config, const string& key, const string& stored) {
  config.fail(key, stored + ", as the tensors have");
}

/// One number, or a list of which each is it.
void check_size(const ModelConfig& config, const string& key, int64_t stored) {
  for (const int64_t said : config.integers(key, {}, 0, kMany))
    if (said != stored) contradict(config, key, std::to_string(stored));
}

/// A number for each level; one number is that of all.
void check_sizes(const ModelConfig& config, const string& key, const Sizes& stored) {
  const std::vector<int> read = config.integers(key, {}, 0, kMany);
  if (read.empty()) return;
  Sizes said(read.begin(), read.end());
  if (said.size() == 1) said.resize(stored.size(), said.front());
  if (said == stored) return;
  string list;
  for (const int64_t n : stored) list += (list.empty() ? "[" : ",") + std::to_string(n);
  contradict(config, key, list + "]");
}

void check_text(const ModelConfig& config, const string& key, const string& stored) {
  if (config.text(key, stored) != stored) contradict(config, key, '"' + stored + '"');
}

void check_flag(const ModelConfig& config, const string& key, bool stored) {
  if (config.boolean(key, stored) != stored) contradict(config, key, stored ? "true" : "false");
}

/// A name for each level.
void check_types(const ModelConfig& config, const string& key, const std::vector<string>& stored) {
  const JsonValue* value = config.has(key) ? config.value().find(key) : nullptr;
  if (!value) return;
  const auto* said = value->as<JsonValue::List>();
  string list;
  bool is_same = said && said->size() == stored.size();
  for (size_t i = 0; i < stored.size(); ++i) {
    list += (i ? ",\"" : "[\"") + stored[i] + '"';
    const auto* name = is_same ? (*said)[i].as<string>() : nullptr;
    is_same = name && *name == stored[i];
  }
  if (!is_same) contradict(config, key, list + "]");
}

/// What the levels of one half of a network are.
struct Levels {
  Sizes widths, resnets;
  std::vector<string> types;
};

/// Below "down_blocks.", ...; a level of attentions is of the type `attending`.
Levels levels_of(const Found& found, const string& stages, const char* plain, const char* attending) {
  Levels out;
  const int count = found.count(stages);
  for (int level = 0; level < count; ++level) {
    const string stage = stages + std::to_string(level);
    out.widths.push_back(found.size(stage + ".resnets.0.conv1.weight", 0));
    out.resnets.push_back(found.count(stage + ".resnets."));
    out.types.push_back(found.has_below(stage + ".attentions.") ? attending : plain);
  }
  return out;
}

/// Transformer blocks of each level's attentions. A level without any has a number that nothing reads; a list in the
/// list tells of each attention.
void check_depths(const ModelConfig& config, const Found& found, size_t levels) {
  constexpr const char* kKey = "transformer_layers_per_block";
  if (!config.has(kKey)) return;
  const auto* list = config.value().find(kKey)->as<JsonValue::List>();
  if (list && std::any_of(list->begin(), list->end(), [](const JsonValue& v) { return !v.is_integer(); })) return;
  const std::vector<int> said = config.integers(kKey, {}, 0, 1000);
  Sizes stored;
  for (size_t level = 0; level < levels; ++level) {
    const string first = "down_blocks." + std::to_string(level) + ".attentions.0.";
    const int unread = said.size() == 1 ? said.front() : level < said.size() ? said[level] : 0;
    stored.push_back(found.has_below(first) ? found.count(first + "transformer_blocks.") : unread);
  }
  check_sizes(config, kKey, stored);
}

/// The kinds of network that tensors do not show.
void check_unet_kind(const ModelConfig& config, bool reads_sizes) {
  const auto text = [&](const char* key, const char* wanted) {
    if (config.text(key, wanted) != wanted) config.fail(key, string("\"") + wanted + '"');
  };
  text("act_fn", "silu");
  if (reads_sizes)
    text("addition_embed_type", "text_time");
  else if (config.has("addition_embed_type"))
    config.fail("addition_embed_type", "nothing");
  text("attention_type", "default");
  text("resnet_time_scale_shift", "default");
  text("time_embedding_type", "positional");
  for (const char* key : {"class_embed_type", "cross_attention_norm", "encoder_hid_dim", "encoder_hid_dim_type",
                          "num_class_embeds", "time_embedding_act_fn", "timestep_post_act"})
    if (config.has(key)) config.fail(key, "nothing");
  for (const char* key : {"mid_block_scale_factor", "resnet_out_scale_factor", "downsample_padding"})
    config.number(key, 1, 1, 1);
  for (const char* key : {"center_input_sample", "class_embeddings_concat", "dual_cross_attention",
                          "mid_block_only_cross_attention", "only_cross_attention", "resnet_skip_time_act"})
    if (config.boolean(key, false)) config.fail(key, "false");
}

void check_unet(const ModelConfig& config, const TensorSources& tensors) {
  const Found found(tensors);
  check_size(config, "in_channels", found.size("conv_in.weight", 1));
  check_size(config, "conv_in_kernel", found.size("conv_in.weight", 2));
  check_size(config, "out_channels", found.size("conv_out.weight", 0));
  check_size(config, "conv_out_kernel", found.size("conv_out.weight", 2));
  check_size(config, "time_embedding_dim", found.size("time_embedding.linear_1.weight", 0));
  check_size(config, "time_cond_proj_dim", found.size("time_embedding.cond_proj.weight", 1));
  check_size(config, "projection_class_embeddings_input_dim", found.size("add_embedding.linear_1.weight", 1));
  if (const int64_t text = read_text_width(tensors)) check_size(config, "cross_attention_dim", text);

  const Levels down = levels_of(found, "down_blocks.", "DownBlock2D", "CrossAttnDownBlock2D");
  const Levels up = levels_of(found, "up_blocks.", "UpBlock2D", "CrossAttnUpBlock2D");
  check_sizes(config, "block_out_channels", down.widths);
  check_sizes(config, "layers_per_block", down.resnets);
  check_types(config, "down_block_types", down.types);
  check_types(config, "up_block_types", up.types);
  check_depths(config, found, down.widths.size());
  const bool has_middle = found.has_below("mid_block."), attends = found.has_below("mid_block.attentions.");
  if (!has_middle && config.has("mid_block_type")) contradict(config, "mid_block_type", "null");
  check_text(config, "mid_block_type", attends ? "UNetMidBlock2DCrossAttn" : "UNetMidBlock2D");
}

void check_vae_kind(const ModelConfig& config) {
  if (config.text("act_fn", "silu") != "silu") config.fail("act_fn", "\"silu\"");
  if (config.number("shift_factor", 0, -1e6, 1e6) != 0) config.fail("shift_factor", "nothing");
}

void check_vae(const ModelConfig& config, const TensorSources& tensors) {
  const Found found(tensors);
  check_size(config, "in_channels", found.size("encoder.conv_in.weight", 1));
  check_size(config, "out_channels", found.size("decoder.conv_out.weight", 0));
  check_size(config, "latent_channels", found.size("decoder.conv_in.weight", 1));
  const Levels down = levels_of(found, "encoder.down_blocks.", "DownEncoderBlock2D", "AttnDownEncoderBlock2D");
  const Levels up = levels_of(found, "decoder.up_blocks.", "UpDecoderBlock2D", "AttnUpDecoderBlock2D");
  check_sizes(config, "block_out_channels", down.widths);
  check_sizes(config, "layers_per_block", down.resnets);
  check_types(config, "down_block_types", down.types);
  check_types(config, "up_block_types", up.types);
  check_flag(config, "mid_block_add_attention", found.has_below("decoder.mid_block.attentions."));
  check_flag(config, "use_quant_conv", found.has_below("quant_conv."));
  check_flag(config, "use_post_quant_conv", found.has_below("post_quant_conv."));
}

void check_text_encoder(const ModelConfig& config, const TensorSources& tensors) {
  const Found found(tensors);
  const string body = "text_model.", first = body + "encoder.layers.0.mlp.fc1.weight";
  check_size(config, "hidden_size", text_width(tensors));
  check_size(config, "intermediate_size", found.size(first, 0));
  check_size(config, "num_hidden_layers", found.count(body + "encoder.layers.", 0, 1000));
  check_size(config, "vocab_size", found.size(body + "embeddings.token_embedding.weight", 0));
}

}  // namespace

void check_settings(const ModelLayout& model) {
  const Networks& n = model.networks;
  const auto is_own = [&](ComponentId id) { return !model.borrowed_configs.contains(id); };
  if (!n.text_encoder.empty() && is_own(ComponentId::text_encoder))
    check_text_encoder(model.text_encoder, n.text_encoder);
  if (!n.text_encoder_2.empty() && is_own(ComponentId::text_encoder_2))
    check_text_encoder(model.text_encoder_2, n.text_encoder_2);
  check_vae_kind(model.vae);
  if (is_own(ComponentId::vae)) check_vae(model.vae, n.vae);
  check_unet_kind(model.unet, model.family->reads_sizes);
  if (is_own(ComponentId::unet)) check_unet(model.unet, n.unet);
}

}  // namespace calotype::networks
