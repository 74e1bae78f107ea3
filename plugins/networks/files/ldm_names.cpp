#include "networks/files/ldm_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace calotype::networks {
namespace {

using std::string;
using std::string_view;
using Rename = std::pair<string_view, string_view>;

/// Takes `prefix` off the front of `name`, if it is there.
bool take(string_view& name, string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

/// Takes "12." off the front.
std::optional<int> take_number(string_view& name) {
  int n = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), n);
  if (error != std::errc() || n < 0 || end == name.data() + name.size() || *end != '.') return std::nullopt;
  name.remove_prefix(size_t(end - name.data()) + 1);
  return n;
}

string number(int n) {
  return std::to_string(n);
}

/// Exchanges the part that `name` begins with, up to a dot, for its new name.
template <size_t n>
std::optional<string> rename_front(string_view name, const std::array<Rename, n>& table) {
  for (const auto& [from, to] : table)
    if (name.starts_with(from) && name.size() > from.size() && name[from.size()] == '.')
      return string(to) + string(name.substr(from.size()));
  return std::nullopt;
}

std::optional<string> after(const string& front, const std::optional<string>& rest) {
  return rest ? std::optional(front + *rest) : std::nullopt;
}

// The UNet.

constexpr std::array<Rename, 7> kUnetTop{{{"time_embed.0", "time_embedding.linear_1"},
                                          {"time_embed.2", "time_embedding.linear_2"},
                                          {"label_emb.0.0", "add_embedding.linear_1"},
                                          {"label_emb.0.2", "add_embedding.linear_2"},
                                          {"input_blocks.0.0", "conv_in"},
                                          {"out.0", "conv_norm_out"},
                                          {"out.2", "conv_out"}}};
constexpr std::array<Rename, 6> kUnetResnet{{{"in_layers.0", "norm1"},
                                             {"in_layers.2", "conv1"},
                                             {"emb_layers.1", "time_emb_proj"},
                                             {"out_layers.0", "norm2"},
                                             {"out_layers.3", "conv2"},
                                             {"skip_connection", "conv_shortcut"}}};
constexpr std::array<string_view, 4> kTransformer{"norm.", "proj_in.", "proj_out.", "transformer_blocks."};

bool is_transformer(string_view rest) {
  return std::any_of(kTransformer.begin(), kTransformer.end(),
                     [&](string_view part) { return rest.starts_with(part); });
}

/// Input blocks of one level, its downsampler included: the index of the first downsampler.
int blocks_of_a_level(const TensorSources& unet) {
  int index = 1;
  while (unet.contains("input_blocks." + number(index) + ".0.in_layers.0.weight")) ++index;
  return index;
}

std::optional<string> middle_block_name(string_view rest) {
  const auto part = take_number(rest);
  if (!part) return std::nullopt;
  if (*part % 2 == 0) return after("mid_block.resnets." + number(*part / 2) + ".", rename_front(rest, kUnetResnet));
  return is_transformer(rest) ? std::optional("mid_block.attentions." + number(*part / 2) + "." + string(rest))
                              : std::nullopt;
}

/// `per_level` counts the resnets of a level and one more: the downsampler, or the extra resnet of the way up.
std::optional<string> unet_name(string_view name, int per_level) {
  if (auto top = rename_front(name, kUnetTop)) return top;
  if (take(name, "middle_block.")) return middle_block_name(name);
  const bool down = take(name, "input_blocks.");
  if (!down && !take(name, "output_blocks.")) return std::nullopt;
  auto index = take_number(name);
  const auto part = take_number(name);
  if (!index || !part || (down && --*index < 0)) return std::nullopt;
  const string level = (down ? "down_blocks." : "up_blocks.") + number(*index / per_level) + ".";
  const string layer = number(*index % per_level) + ".";
  if (*part == 0 && take(name, "op.")) return level + "downsamplers.0.conv." + string(name);
  if (*part == 0) return after(level + "resnets." + layer, rename_front(name, kUnetResnet));
  if (!down && name.starts_with("conv.")) return level + "upsamplers.0." + string(name);
  return *part == 1 && is_transformer(name) ? std::optional(level + "attentions." + layer + string(name))
                                            : std::nullopt;
}

// The autoencoder.

constexpr std::array<Rename, 6> kVaeResnet{{{"norm1", "norm1"},
                                            {"conv1", "conv1"},
                                            {"norm2", "norm2"},
                                            {"conv2", "conv2"},
                                            {"nin_shortcut", "conv_shortcut"},
                                            {"conv_shortcut", "conv_shortcut"}}};
constexpr std::array<Rename, 5> kVaeAttention{
    {{"norm", "group_norm"}, {"q", "to_q"}, {"k", "to_k"}, {"v", "to_v"}, {"proj_out", "to_out.0"}}};
constexpr std::array<Rename, 3> kVaeTop{
    {{"conv_in", "conv_in"}, {"conv_out", "conv_out"}, {"norm_out", "conv_norm_out"}}};
constexpr std::array<Rename, 2> kVaeQuant{{{"quant_conv", "quant_conv"}, {"post_quant_conv", "post_quant_conv"}}};

int decoder_levels(const TensorSources& vae) {
  int levels = 0;
  while (vae.contains("decoder.up." + number(levels) + ".block.0.norm1.weight")) ++levels;
  return levels;
}

/// The original counts the decoder's levels from the image, diffusers from the latents.
std::optional<string> ldm_vae_name(string_view name, int levels) {
  if (auto quant = rename_front(name, kVaeQuant)) return quant;
  const bool encoder = take(name, "encoder.");
  if (!encoder && !take(name, "decoder.")) return std::nullopt;
  const string side = encoder ? "encoder." : "decoder.";
  if (auto top = rename_front(name, kVaeTop)) return side + *top;
  if (take(name, "mid.attn_1.")) return after(side + "mid_block.attentions.0.", rename_front(name, kVaeAttention));
  if (take(name, "mid.block_")) {
    const auto block = take_number(name);
    return block && *block > 0
               ? after(side + "mid_block.resnets." + number(*block - 1) + ".", rename_front(name, kVaeResnet))
               : std::nullopt;
  }
  if (!take(name, encoder ? "down." : "up.")) return std::nullopt;
  const auto index = take_number(name);
  if (!index || (!encoder && *index >= levels)) return std::nullopt;
  const string level =
      side + (encoder ? "down_blocks." + number(*index) : "up_blocks." + number(levels - 1 - *index)) + ".";
  if (take(name, encoder ? "downsample." : "upsample."))
    return level + (encoder ? "downsamplers.0." : "upsamplers.0.") + string(name);
  if (!take(name, "block.")) return std::nullopt;
  const auto block = take_number(name);
  return block ? after(level + "resnets." + number(*block) + ".", rename_front(name, kVaeResnet)) : std::nullopt;
}

// The second text encoder, as OpenCLIP names it.

constexpr std::array<Rename, 2> kOpenClipTop{
    {{"token_embedding", "text_model.embeddings.token_embedding"}, {"ln_final", "text_model.final_layer_norm"}}};
constexpr std::array<Rename, 5> kOpenClipLayer{{{"ln_1", "layer_norm1"},
                                                {"ln_2", "layer_norm2"},
                                                {"mlp.c_fc", "mlp.fc1"},
                                                {"mlp.c_proj", "mlp.fc2"},
                                                {"attn.out_proj", "self_attn.out_proj"}}};

/// in_proj stacks the projections of query, key and value.
void split_projection(const string& layer, const string& kind, const TensorSource& stacked, TensorSources& out) {
  const size_t bytes = stacked.data.size() / 3;
  for (size_t i = 0; i < 3; ++i) {
    TensorSource part = stacked;
    part.shape[0] /= 3;
    part.data = stacked.data.subspan(i * bytes, bytes);
    if (part.scale && part.scale->shape.size() > 0 && part.scale->shape.front() > 1) {
      part.scale->shape.front() /= 3;
      const size_t scale_bytes = part.scale->data.size() / 3;
      part.scale->data = part.scale->data.subspan(i * scale_bytes, scale_bytes);
    }
    out[layer + "self_attn." + "qkv"[i] + "_proj." + kind] = part;
  }
}

bool add_open_clip(string_view name, TensorSource source, TensorSources& out) {
  if (name == "positional_embedding")
    name = "text_model.embeddings.position_embedding.weight";
  else if (name == "text_projection" && source.shape.size() == 2)
    name = "text_projection.weight", source.transposed = true;
  else if (name == "text_projection.weight")
    ;  // as a folder has it, not transposed: diffusers#6934
  else if (take(name, "transformer.resblocks.")) {
    const auto index = take_number(name);
    if (!index) return false;
    const string layer = "text_model.encoder.layers." + number(*index) + ".";
    if (take(name, "attn.in_proj_") && (name == "weight" || name == "bias")) {
      if (source.shape.empty() || source.shape[0] % 3 != 0) return false;
      split_projection(layer, string(name), source, out);
      return true;
    }
    const auto part = rename_front(name, kOpenClipLayer);
    if (part) out[layer + *part] = source;
    return part.has_value();
  } else {
    const auto top = rename_front(name, kOpenClipTop);
    if (top) out[*top] = source;
    return top.has_value();
  }
  out[string(name)] = source;
  return true;
}

bool add_vae(string_view rest, int levels, TensorSource source, TensorSources& out) {
  const auto name = ldm_vae_name(rest, levels);
  if (!name) return false;
  const bool matrix = name->find(".attentions.") != string::npos && name->ends_with(".weight");
  if (matrix && source.shape.size() == 4 && source.shape[2] == 1 && source.shape[3] == 1) source.shape.resize(2);
  out[*name] = std::move(source);
  return true;
}

}  // namespace

Named name_ldm_unet(const TensorSources& original) {
  Named out;
  const int per_level = blocks_of_a_level(original);
  for (const auto& [name, source] : original) {
    const auto known = unet_name(name, per_level);
    if (!known || !out.tensors.emplace(*known, source).second) out.unknown.push_back(name);
  }
  return out;
}

Named name_ldm_vae(const TensorSources& original) {
  Named out;
  const int levels = decoder_levels(original);
  for (const auto& [name, source] : original)
    if (!add_vae(name, levels, source, out.tensors)) out.unknown.push_back(name);
  return out;
}

Named name_open_clip(const TensorSources& original) {
  Named out;
  for (const auto& [name, source] : original)
    if (!add_open_clip(name, source, out.tensors)) out.unknown.push_back(name);
  return out;
}

}  // namespace calotype::networks
