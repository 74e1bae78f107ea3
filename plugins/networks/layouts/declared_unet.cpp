// Every tensor of a UNet as a function of its depths and widths.
#include <algorithm>
#include <numeric>

#include "networks/layouts/declared_networks.h"
#include "networks/layouts/size_numbers.h"

namespace calotype::networks {
namespace {

using std::string;

constexpr int kMany = 1 << 20;

string at(const string& name, int i) {
  return name + "." + std::to_string(i);
}

class UnetDeclaration {
 public:
  UnetDeclaration(const TensorSources& tensors, const ModelConfig& config, const UnetNeighbours& beside)
      : found_(tensors),
        config_(config),
        beside_(beside),
        levels_(
            found_.count("down_blocks.", std::max(1, int(config.integers("block_out_channels", {}, 1, kMany).size())))),
        first_(found_.agreed({{"conv_in.weight", 0},
                              {"conv_in.bias", 0},
                              {"conv_norm_out.weight", 0},
                              {"conv_norm_out.bias", 0},
                              {"conv_out.weight", 1}})),
        time_(4 * first_) {}

  Declaration declare() {
    out_.convolution("conv_in", first_, inputs(), 3);
    embeddings();
    int64_t channels = first_;
    skips_ = {first_};
    for (int level = 0; level < levels_; ++level) channels = down(level, channels);
    middle(channels);
    for (int i = 0; i < levels_; ++i) channels = up(i, channels);
    out_.norm("conv_norm_out", first_);
    out_.convolution("conv_out", beside_.latents, first_, 3);
    return std::move(out_);
  }

 private:
  /// The latents, or with them a mask and the latents of what it leaves.
  int64_t inputs() const {
    const int64_t found = found_.size("conv_in.weight", 1), inpainting = 2 * beside_.latents + 1;
    return found == inpainting ? inpainting : beside_.latents;
  }

  /// The pooled text, and a width for each number of size.
  int64_t conditioning_inputs() const {
    constexpr int64_t kUsual = 6 * 256;
    const int64_t found = found_.size("add_embedding.linear_1.weight", 1);
    return size_numbers(found, beside_.pooled, config_).count ? found : beside_.pooled + kUsual;
  }

  void embeddings() {
    out_.linear("time_embedding.linear_1", time_, first_);
    out_.linear("time_embedding.linear_2", time_, time_);
    if (beside_.reads_sizes) {
      out_.linear("add_embedding.linear_1", time_, conditioning_inputs());
      out_.linear("add_embedding.linear_2", time_, time_);
    }
    // of a network that was distilled with guidance inside: how strong it is
    if (found_.has("time_embedding.cond_proj.weight"))
      out_.linear("time_embedding.cond_proj", first_, found_.size("time_embedding.cond_proj.weight", 1) / 2 * 2, false);
  }

  /// By all that follows from it.
  int64_t width(const string& stage) const {
    const string first = stage + ".resnets.0";
    return found_.agreed({{first + ".conv1.weight", 0},
                          {first + ".conv1.bias", 0},
                          {first + ".time_emb_proj.weight", 0},
                          {first + ".norm2.weight", 0},
                          {first + ".conv2.weight", 0},
                          {first + ".conv2.bias", 0}});
  }

  void resnet(const string& name, int64_t in, int64_t out) {
    out_.norm(name + ".norm1", in);
    out_.convolution(name + ".conv1", out, in, 3);
    out_.linear(name + ".time_emb_proj", out, time_);
    out_.norm(name + ".norm2", out);
    out_.convolution(name + ".conv2", out, out, 3);
    if (in != out) out_.convolution(name + ".conv_shortcut", out, in, 1);
  }

  void attention(const string& name, int64_t channels, int64_t source) {
    out_.linear(name + ".to_q", channels, channels, false);
    out_.linear(name + ".to_k", channels, source, false);
    out_.linear(name + ".to_v", channels, source, false);
    out_.linear(name + ".to_out.0", channels, channels);
  }

  /// `depth`: of the config; 0: it says none.
  void transformer(const string& name, int64_t channels, int depth) {
    out_.norm(name + ".norm", channels);
    out_.linear(name + ".proj_in", channels, channels);
    const int count = found_.count(name + ".transformer_blocks.", std::max(1, depth));
    for (int i = 0; i < count; ++i) {
      const string block = at(name + ".transformer_blocks", i);
      for (const char* norm : {".norm1", ".norm2", ".norm3"}) out_.norm(block + norm, channels);
      attention(block + ".attn1", channels, channels);
      attention(block + ".attn2", channels, beside_.text);
      out_.linear(block + ".ff.net.0.proj", 8 * channels, channels);
      out_.linear(block + ".ff.net.2", channels, 4 * channels);
    }
    out_.linear(name + ".proj_out", channels, channels);
  }

  /// Transformer blocks of a level's attentions, as the config says; 0: it does not, or says it of each attention.
  int depth_of(int level) const {
    constexpr const char* kKey = "transformer_layers_per_block";
    const JsonValue* value = config_.value().find(kKey);
    if (!value) return 0;
    const auto* list = value->as<JsonValue::List>();
    if (list && std::any_of(list->begin(), list->end(), [](const JsonValue& v) { return !v.is_integer(); })) return 0;
    const auto depths = config_.integers(kKey, {0}, 0, 1000);
    return depths.size() == 1 ? depths.front() : size_t(level) < depths.size() ? depths[size_t(level)] : 0;
  }

  /// Resnets of a level, as the config says; 0: it does not.
  int resnets_of(int level) const {
    const auto counts = config_.integers("layers_per_block", {0}, 0, 1000);
    return counts.size() == 1 ? counts.front() : size_t(level) < counts.size() ? counts[size_t(level)] : 0;
  }

  int64_t down(int level, int64_t channels) {
    const string stage = at("down_blocks", level);
    const bool attends = found_.has_below(stage + ".attentions.");
    const int64_t out = width(stage);
    const int count = found_.count(stage + ".resnets.", std::max(1, resnets_of(level)));
    for (int i = 0; i < count; ++i) {
      resnet(at(stage + ".resnets", i), i ? out : channels, out);
      if (attends) transformer(at(stage + ".attentions", i), out, depth_of(level));
      skips_.push_back(out);
    }
    if (level + 1 < levels_) out_.convolution(stage + ".downsamplers.0.conv", out, out, 3), skips_.push_back(out);
    return out;
  }

  void middle(int64_t channels) {
    const int resnets = found_.count("mid_block.resnets."), attentions = found_.count("mid_block.attentions.");
    for (int i = 0; i < resnets; ++i) resnet(at("mid_block.resnets", i), channels, channels);
    for (int i = 0; i < attentions; ++i) transformer(at("mid_block.attentions", i), channels, 0);
  }

  int64_t up(int i, int64_t channels) {
    const int level = levels_ - 1 - i;
    const string stage = at("up_blocks", i);
    const bool attends = found_.has_below(stage + ".attentions.");
    const int64_t out = width(stage);
    const int resnets = resnets_of(level), count = found_.count(stage + ".resnets.", resnets ? resnets + 1 : 1);
    for (int k = 0; k < count; ++k) {
      const int64_t skip = skips_.empty() ? 0 : skips_.back();
      if (!skips_.empty()) skips_.pop_back();
      resnet(at(stage + ".resnets", k), channels + skip, out);
      if (attends)
        transformer(at(stage + ".attentions", k), out,
                    config_.has("reverse_transformer_layers_per_block") ? 0 : depth_of(level));
      channels = out;
    }
    if (level > 0) out_.convolution(stage + ".upsamplers.0.conv", out, out, 3);
    return out;
  }

  Found found_;
  const ModelConfig& config_;
  const UnetNeighbours& beside_;
  const int levels_;
  const int64_t first_, time_;
  std::vector<int64_t> skips_;
  Declaration out_;
};

}  // namespace

int64_t read_text_width(const TensorSources& unet) {
  std::vector<Found::Dimension> read;
  for (const auto& [name, source] : unet)
    if (name.ends_with(".attn2.to_k.weight") || name.ends_with(".attn2.to_v.weight")) read.push_back({name, 1});
  return Found(unet).agreed(read);
}

Declaration declared_unet(const TensorSources& tensors, const ModelConfig& config, const UnetNeighbours& beside) {
  return UnetDeclaration(tensors, config, beside).declare();
}

}  // namespace calotype::networks
