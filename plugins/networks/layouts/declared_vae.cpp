// Every tensor of the autoencoder as a function of its depths and widths.
#include <algorithm>

#include "networks/layouts/declared_networks.h"

namespace calotype::networks {
namespace {

using std::string;

constexpr int64_t kColours = 3;

string at(const string& name, int i) {
  return name + "." + std::to_string(i);
}

void resnet(Declaration& out, const string& name, int64_t from, int64_t to) {
  out.norm(name + ".norm1", from);
  out.convolution(name + ".conv1", to, from, 3);
  out.norm(name + ".norm2", to);
  out.convolution(name + ".conv2", to, to, 3);
  if (from != to) out.convolution(name + ".conv_shortcut", to, from, 1);
}

void middle(Declaration& out, const Found& found, const string& name, int64_t channels) {
  const int resnets = found.count(name + ".resnets.", 2);
  for (int i = 0; i < resnets; ++i) resnet(out, at(name + ".resnets", i), channels, channels);
  if (!found.has_below(name + ".attentions.0.")) return;
  const string attention = name + ".attentions.0";
  out.norm(attention + ".group_norm", channels);
  for (const char* part : {".to_q", ".to_k", ".to_v", ".to_out.0"}) out.linear(attention + part, channels, channels);
}

/// The width of a stage, by all that follows from it.
int64_t width_of(const Found& found, const string& stage) {
  const string first = stage + ".resnets.0";
  return found.agreed({{first + ".conv1.weight", 0},
                       {first + ".conv1.bias", 0},
                       {first + ".norm2.weight", 0},
                       {first + ".conv2.weight", 0},
                       {first + ".conv2.bias", 0}});
}

/// The levels of one half, each with `resize` but the last.
int64_t levels(Declaration& out, const Found& found, const string& side, const char* name, const char* resize,
               int64_t channels) {
  const string stages = side + "." + name;
  const int count = found.count(stages + ".", 1);
  for (int level = 0; level < count; ++level) {
    const string stage = at(stages, level);
    const int64_t width = width_of(found, stage);
    const int resnets = found.count(stage + ".resnets.", 1);
    for (int i = 0; i < resnets; ++i) resnet(out, at(stage + ".resnets", i), i ? width : channels, width);
    channels = width;
    if (level + 1 < count) out.convolution(stage + "." + resize + ".0.conv", width, width, 3);
  }
  return channels;
}

void quantizer(Declaration& out, const Found& found, const string& name, int64_t channels) {
  if (found.has_below(name + ".")) out.convolution(name, channels, channels, 1);
}

}  // namespace

int64_t latent_channels(const TensorSources& vae) {
  const Found found(vae);
  const int64_t written = found.agreed({{"encoder.conv_out.weight", 0},
                                        {"encoder.conv_out.bias", 0},
                                        {"quant_conv.weight", 0},
                                        {"quant_conv.bias", 0}}) /
                          2;
  const int64_t read = found.agreed({{"decoder.conv_in.weight", 1},
                                     {"post_quant_conv.weight", 0},
                                     {"post_quant_conv.weight", 1},
                                     {"post_quant_conv.bias", 0}});
  return found.size("decoder.conv_in.weight", 1) == written ? written : read;
}

Declaration declared_vae(const TensorSources& tensors) {
  const Found found(tensors);
  Declaration out;
  const int64_t latents = latent_channels(tensors);
  const int64_t first = found.agreed({{"encoder.conv_in.weight", 0},
                                      {"encoder.conv_in.bias", 0},
                                      {"encoder.down_blocks.0.resnets.0.norm1.weight", 0}});
  out.convolution("encoder.conv_in", first, kColours, 3);
  const int64_t narrow = levels(out, found, "encoder", "down_blocks", "downsamplers", first);
  middle(out, found, "encoder.mid_block", narrow);
  out.norm("encoder.conv_norm_out", narrow);
  out.convolution("encoder.conv_out", 2 * latents, narrow, 3);
  quantizer(out, found, "quant_conv", 2 * latents);

  quantizer(out, found, "post_quant_conv", latents);
  const int64_t start = found.agreed(
      {{"decoder.conv_in.weight", 0}, {"decoder.conv_in.bias", 0}, {"decoder.mid_block.resnets.0.norm1.weight", 0}});
  out.convolution("decoder.conv_in", start, latents, 3);
  middle(out, found, "decoder.mid_block", start);
  const int64_t last = levels(out, found, "decoder", "up_blocks", "upsamplers", start);
  out.norm("decoder.conv_norm_out", last);
  out.convolution("decoder.conv_out", kColours, last, 3);
  return out;
}

}  // namespace calotype::networks
