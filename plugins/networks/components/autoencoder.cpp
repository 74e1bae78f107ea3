#include "networks/components/autoencoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "networks/ops/tiles.h"
#include "networks/ops/trim_heap.h"

namespace calotype::networks {
namespace {

constexpr double kEpsilon = 1e-6, kLargest = 1e6;
constexpr int kMany = 1 << 20;

int64_t groups(const ModelConfig& config) {
  return config.integer("norm_num_groups", 32, 1, kMany);
}

/// One number for each channel, or undefined.
at::Tensor per_channel(const ModelConfig& config, const char* key, int64_t channels, at::Device device) {
  const std::vector<double> values = config.numbers(key, -kLargest, kLargest);
  if (values.empty()) return {};
  if (int64_t(values.size()) != channels) config.fail(key, std::to_string(channels) + " numbers");
  return at::tensor(values, at::kFloat).view({1, channels, 1, 1}).to(device);
}

}  // namespace

at::ScalarType vae_dtype(at::ScalarType dtype, const ModelConfig& config) {
  return dtype == at::kHalf && config.boolean("force_upcast", true) ? at::kFloat : dtype;
}

Autoencoder::Half::Half(const Weights& weights, int64_t groups, const char* stages_name, const char* resize,
                        int64_t stride)
    : conv_in(weights.at("conv_in")),
      conv_out(weights.at("conv_out")),
      norm_out(weights.at("conv_norm_out"), groups, kEpsilon) {
  const auto resnets = [&](const Weights& w) {
    std::vector<Resnet> out;
    const int count = std::max(w.count("resnets"), 1);  // none: the missing tensor is named below
    for (int i = 0; i < count; ++i) out.emplace_back(w.at("resnets." + std::to_string(i)), groups, kEpsilon);
    return out;
  };
  middle = resnets(weights.at("mid_block"));
  if (weights.has("mid_block.attentions.0")) {
    const Weights w = weights.at("mid_block.attentions.0");
    attention_norm.emplace(w.at("group_norm"), groups, kEpsilon);
    attention.emplace(w, 1);
  }
  const int count = std::max(weights.count(stages_name), 1);
  for (int i = 0; i < count; ++i) {
    const Weights w = weights.at(std::string(stages_name) + '.' + std::to_string(i));
    Stage& stage = stages.emplace_back(Stage{resnets(w), {}});
    if (w.has(resize)) stage.resize.emplace(w.at(std::string(resize) + ".0.conv"), stride);
  }
}

at::Tensor Autoencoder::Half::run_middle(at::Tensor x) const {
  x = middle.front()(x);
  if (attention) {
    const at::Tensor places = (*attention_norm)(x).flatten(2).transpose(1, 2);  // [N,H*W,C]
    x = (*attention)(places).transpose(1, 2).unflatten(-1, {x.size(2), x.size(3)}) + x;
  }
  for (size_t i = 1; i < middle.size(); ++i) x = middle[i](x);
  return x;
}

at::Tensor Autoencoder::Half::run_end(const at::Tensor& x, bool tiled) const {
  if (!tiled) return conv_out(norm_out.silu(x));
  return in_tiles(x, 1, [this, normal = norm_out.silu_of(x)](const at::Tensor& t) { return conv_out(normal(t)); });
}

at::Tensor Autoencoder::run(const Resnet& resnet, at::Tensor x) const {
  trim_heap(x.device());
  return tiled_ ? resnet.tiled(std::move(x)) : resnet(x);
}

Autoencoder::Autoencoder(const Weights& weights, const ModelConfig& config, bool tiled)
    : encoder_(weights.at("encoder"), groups(config), "down_blocks", "downsamplers", 2),
      decoder_(weights.at("decoder"), groups(config), "up_blocks", "upsamplers", 1),
      tiled_(tiled),
      scaling_factor_(config.number("scaling_factor", 0.13025, 1e-6, kLargest)) {
  for (const Stage& stage : decoder_.stages) factor_ *= stage.resize ? 2 : 1;
  if (weights.has("quant_conv")) quant_conv_.emplace(weights.at("quant_conv"));
  if (weights.has("post_quant_conv")) post_quant_conv_.emplace(weights.at("post_quant_conv"));
  const at::Device device = decoder_.conv_in.options().device();
  mean_ = per_channel(config, "latents_mean", channels(), device);
  deviation_ = per_channel(config, "latents_std", channels(), device);
  if (mean_.defined() != deviation_.defined())
    config.fail(mean_.defined() ? "latents_std" : "latents_mean", "both latents_mean and latents_std, or neither");
}

at::Tensor Autoencoder::unscaled(const at::Tensor& latents) const {
  if (!mean_.defined()) return latents / scaling_factor_;
  return latents * deviation_ / scaling_factor_ + mean_;
}

at::Tensor Autoencoder::scaled(const at::Tensor& latents) const {
  if (!mean_.defined()) return latents * scaling_factor_;
  return (latents - mean_) * scaling_factor_ / deviation_;
}

at::Tensor Autoencoder::decode(const at::Tensor& latents) const {
  at::Tensor h = latents.to(decoder_.conv_in.options().dtype());
  if (post_quant_conv_) h = (*post_quant_conv_)(h);
  h = decoder_.run_middle(decoder_.conv_in(h));
  for (const Stage& stage : decoder_.stages) {
    for (const Resnet& resnet : stage.resnets) h = run(resnet, std::move(h));
    if (!stage.resize) continue;
    const auto doubled = [&](const at::Tensor& t) {
      return (*stage.resize)(enlarged(t, 2 * t.size(2), 2 * t.size(3)));
    };
    h = tiled_ ? in_tiles(h, 2, doubled) : doubled(h);
  }
  return decoder_.run_end(h, tiled_).to(at::kFloat);
}

at::Tensor Autoencoder::moments(const at::Tensor& images) const {
  at::Tensor h = encoder_.conv_in(images.to(encoder_.conv_in.options().dtype()));
  for (const Stage& stage : encoder_.stages) {
    for (const Resnet& resnet : stage.resnets) h = run(resnet, std::move(h));
    if (stage.resize) h = stage.resize->padded_at_end(h);
  }
  h = encoder_.run_end(encoder_.run_middle(h), tiled_);
  return (quant_conv_ ? (*quant_conv_)(h) : h).to(at::kFloat);
}

}  // namespace calotype::networks
