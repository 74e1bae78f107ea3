#include "networks/components/activation_memory.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "networks/ops/tiles.h"

namespace calotype::networks {
namespace {

std::string numbered(const std::string& name, int i) {
  return name + "." + std::to_string(i);
}

/// Follows the tensors that are alive through a network. All sizes are in channels of the image at its present size.
class Alive {
 public:
  Alive(const RunShape& shape)
      : pixels_(double(shape.height * shape.width)),
        bytes_(double(shape.batch * shape.element)),
        element_(double(shape.element)),
        copies_(shape.copies_in_convolutions ? 1 : 0) {}

  double pixels() const { return pixels_; }
  void resize(double times) { pixels_ *= times; }
  /// Held from here on, whatever the image's size becomes.
  void hold(double channels) { held_ += channels * pixels_; }
  void let_go(double bytes_of_pixels) { held_ -= bytes_of_pixels; }
  /// So much at this moment.
  void moment(double channels) { peak_ = std::max(peak_, held_ + channels * pixels_); }
  /// Beside `others`. The weight of a 3x3 kernel is copied too.
  void convolution(double others, double in, double out) {
    moment(others + in + out + copies_ * (in + out));
    weight_ = std::max(weight_, copies_ * 9 * in * out);
  }
  uint64_t peak() const { return uint64_t(peak_ * bytes_ + weight_ * element_); }

 private:
  double pixels_, bytes_, element_, copies_, held_ = 0, peak_ = 0, weight_ = 0;
};

struct Widths {
  double in, out;
};
Widths widths(const Weights& conv) {
  const auto& shape = conv.shape("weight");
  return {double(shape.at(1)), double(shape.at(0))};
}

/// x is alive, and stays so: its normalised form, the convolution; then the same again, and what stands beside both.
void resnet(Alive& alive, const Widths& w) {
  alive.convolution(w.in, w.in, w.out);
  alive.convolution(w.in, w.out, w.out);
  alive.moment(w.in + (w.in == w.out ? 2 : 3) * w.out);
}

/// The first block stands for all of them: they run one after the other.
void transformer(Alive& alive, const Weights& w, double channels) {
  const Weights block = w.at("transformer_blocks.0");
  const double gated = double(block.shape("ff.net.0.proj.weight").at(0));
  alive.moment(2 * channels + 6 * channels);  // x, its positions; normalised, query, key, value, what they give, out
  alive.moment(3 * channels + 2 * gated +
               channels);  // x, positions, the block's; both halves, GELU of one, product, out
}

/// The resnets of a stage, each with what stands after it; returns the channels that come out.
double block(Alive& alive, const Weights& stage, int i) {
  const Weights w = stage.at(numbered("resnets", i));
  const Widths in_out{widths(w.at("conv1")).in, widths(w.at("conv1")).out};
  resnet(alive, in_out);
  const std::string attention = numbered("attentions", i);
  if (stage.has(attention)) transformer(alive, stage.at(attention), in_out.out);
  return in_out.out;
}

/// How much of an image is one tile.
double tile_part(double pixels) {
  const auto edge = int64_t(std::lround(std::sqrt(pixels)));
  const int64_t count = tiles_along(edge);
  return double((edge / count + 2) * (edge / count + 2)) / pixels;
}

/// As resnet, where only a tile of what lies between is there.
void tiled_resnet(Alive& alive, const Widths& w, bool has_shortcut) {
  const double part = tile_part(alive.pixels());
  alive.convolution(w.in + w.out + part * w.in, part * w.in, part * w.out);
  if (has_shortcut) alive.convolution(w.in + 2 * w.out, part * w.in, part * w.out);
  alive.convolution(2 * w.out + part * w.out, part * w.out, part * w.out);
}

}  // namespace

uint64_t unet_activation_memory(const Weights& unet, const RunShape& shape) {
  Alive alive(shape);
  std::vector<double> skips;
  double channels = widths(unet.at("conv_in")).out;
  const auto skip = [&] {
    alive.hold(channels);
    skips.push_back(channels * alive.pixels());
  };
  skip();
  const int levels = unet.count("down_blocks");
  for (int level = 0; level < levels; ++level) {
    const Weights stage = unet.at(numbered("down_blocks", level));
    for (int i = 0; i < stage.count("resnets"); ++i) channels = block(alive, stage, i), skip();
    if (stage.has("downsamplers")) alive.resize(0.25), skip();
  }
  if (unet.has("mid_block"))
    for (int i = 0; i < unet.at("mid_block").count("resnets"); ++i) channels = block(alive, unet.at("mid_block"), i);
  for (int level = 0; level < levels; ++level) {
    const Weights stage = unet.at(numbered("up_blocks", level));
    for (int i = 0; i < stage.count("resnets"); ++i) {
      alive.hold(channels);  // what came in, beside both joined
      const double before = channels * alive.pixels();
      channels = block(alive, stage, i);
      alive.let_go(before);
      if (!skips.empty()) alive.let_go(skips.back()), skips.pop_back();
    }
    if (stage.has("upsamplers")) alive.resize(4), alive.convolution(channels / 4, channels, channels);
  }
  alive.convolution(3 * channels, channels, 4);
  return alive.peak();
}

uint64_t decoder_activation_memory(const Weights& vae, const RunShape& shape, bool tiled) {
  const Weights decoder = vae.at("decoder");
  Alive alive(shape);
  const double narrow = widths(decoder.at("conv_in")).out;
  resnet(alive, {narrow, narrow});
  alive.moment(8 * narrow);  // attention
  double channels = narrow;
  for (int level = 0; level < decoder.count("up_blocks"); ++level) {
    const Weights stage = decoder.at(numbered("up_blocks", level));
    for (int i = 0; i < stage.count("resnets"); ++i) {
      const Weights w = stage.at(numbered("resnets", i));
      if (tiled)
        tiled_resnet(alive, widths(w.at("conv1")), w.has("conv_shortcut"));
      else
        resnet(alive, widths(w.at("conv1")));
      channels = widths(w.at("conv1")).out;
    }
    if (!stage.has("upsamplers")) continue;
    alive.resize(4);
    const double part = tiled ? tile_part(alive.pixels() / 4) : 1;
    alive.convolution(channels / 4 + (tiled ? channels : 0), part * channels, part * channels);
  }
  const double part = tiled ? tile_part(alive.pixels()) : 1;
  alive.convolution(channels + (tiled ? part * channels : 0), part * channels, 3);
  return alive.peak();
}

int64_t latent_factor(const Weights& vae) {
  int64_t factor = 1;
  const Weights decoder = vae.at("decoder");
  for (int level = 0; level < decoder.count("up_blocks"); ++level)
    if (decoder.has(numbered("up_blocks", level) + ".upsamplers")) factor *= 2;
  return factor;
}

}  // namespace calotype::networks
