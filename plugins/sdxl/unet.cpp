#include "unet.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/silu.h>
#include <calotype/error.h>

#include <algorithm>
#include <cmath>

namespace calotype::sdxl {
namespace {

constexpr int64_t kTimeIds = 6;
constexpr int kMany = 1 << 20;

/// The settings of diffusers' network that change what it computes, and the one value that SDXL has.
void check_settings(const ModelConfig& config) {
  const auto text = [&](const char* key, const char* wanted) {
    if (config.text(key, wanted) != wanted) config.fail(key, std::string("\"") + wanted + '"');
  };
  text("act_fn", "silu");
  text("addition_embed_type", "text_time");
  text("attention_type", "default");
  text("resnet_time_scale_shift", "default");
  text("time_embedding_type", "positional");
  for (const char* key :
       {"class_embed_type", "encoder_hid_dim_type", "time_cond_proj_dim", "time_embedding_act_fn", "timestep_post_act"})
    if (config.has(key)) config.fail(key, "nothing");
  for (const char* key : {"dual_cross_attention", "center_input_sample", "resnet_skip_time_act"})
    if (config.boolean(key, false)) config.fail(key, "false");
}

/// Width of the sinusoids of one number of the micro-conditioning: what the pooled text leaves of the layer's inputs.
int64_t size_width(int64_t inputs, int64_t pooled_width, const ModelConfig& config, const std::string& where) {
  const int64_t width = config.integer("addition_time_embed_dim", int((inputs - pooled_width) / kTimeIds), 1, kMany);
  if (width < 2 || width % 2 || pooled_width + kTimeIds * width != inputs)
    throw Error(ErrorCode::bad_data, where + ": add_embedding: want " + std::to_string(pooled_width) + " + 6 * " +
                                         std::to_string(width) + " inputs, for the pooled text and six even widths, got " +
                                         std::to_string(inputs));
  return width;
}

}  // namespace

Sinusoids::Sinusoids(int64_t width, const ModelConfig& config, at::Device device)
    : cosines_first_(config.boolean("flip_sin_to_cos", true)) {
  const double shift = config.number("freq_shift", 0, 0, 1);
  const auto exponents = at::arange(width / 2, at::kFloat).mul(-std::log(10000.0)).div(double(width / 2) - shift);
  frequencies_ = exponents.exp().to(device);
}

at::Tensor Sinusoids::operator()(const at::Tensor& values) const {
  const at::Tensor angles = at::outer(values, frequencies_);
  return cosines_first_ ? at::cat({angles.cos(), angles.sin()}, -1) : at::cat({angles.sin(), angles.cos()}, -1);
}

Embedding::Embedding(const Weights& weights) : linear1_(weights.at("linear_1")), linear2_(weights.at("linear_2")) {}

at::Tensor Embedding::operator()(const at::Tensor& x) const {
  return linear2_(at::silu(linear1_(x)));
}

Unet::Unet(const Weights& weights, const ModelConfig& config, int64_t pooled_width)
    : groups_(config.integer("norm_num_groups", 32, 1, kMany)),
      epsilon_(config.number("norm_eps", 1e-5, 0, 1)),
      heads_(
          config.integers(config.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim", {}, 1, kMany)),
      conv_in_(weights.at("conv_in")),
      conv_out_(weights.at("conv_out")),
      norm_out_(weights.at("conv_norm_out"), groups_, epsilon_),
      time_embedding_(weights.at("time_embedding")),
      add_embedding_(weights.at("add_embedding")),
      time_sinusoids_(time_embedding_.inputs(), config, conv_in_.options().device()),
      size_sinusoids_(size_width(add_embedding_.inputs(), pooled_width, config, weights.where()), config,
                      conv_in_.options().device()) {
  check_settings(config);
  const int levels = weights.count("down_blocks");
  if (heads_.size() == 1) heads_.resize(size_t(levels), heads_.front());
  if (!heads_.empty() && int(heads_.size()) != levels)
    config.fail("attention_head_dim", "one number, or one for each of " + std::to_string(levels) + " blocks");
  for (int i = 0; i < levels; ++i) down_.push_back(stage(weights.at("down_blocks." + std::to_string(i)), i));
  middle_ = stage(weights.at("mid_block"), levels - 1);
  for (int i = 0; i < levels; ++i) up_.push_back(stage(weights.at("up_blocks." + std::to_string(i)), levels - 1 - i));
  check_skips(weights.where());
}

Unet::Stage Unet::stage(const Weights& weights, int level) {
  Stage stage;
  const int count = std::max(weights.count("resnets"), 1);  // none: the missing tensor is named below
  for (int i = 0; i < count; ++i) {
    stage.resnets.emplace_back(weights.at("resnets." + std::to_string(i)), groups_, epsilon_);
    auto& attention = stage.attentions.emplace_back();
    const std::string name = "attentions." + std::to_string(i);
    if (!weights.has(name)) continue;
    const int64_t channels = stage.resnets.back().outputs();
    const int64_t heads = heads_.empty() ? std::max<int64_t>(channels / 64, 1) : heads_[size_t(level)];
    attention.emplace(weights.at(name), heads, groups_);
    context_width_ = attention->context_width();
  }
  if (weights.has("downsamplers")) stage.resize.emplace(weights.at("downsamplers.0.conv"), 2);
  if (weights.has("upsamplers")) stage.resize.emplace(weights.at("upsamplers.0.conv"));
  return stage;
}

void Unet::check_skips(const std::string& where) const {
  size_t made = 1, taken = 0;
  for (const Stage& stage : down_) made += stage.resnets.size() + (stage.resize ? 1 : 0);
  for (const Stage& stage : up_) taken += stage.resnets.size();
  if (made != taken || up_.back().resize)
    throw Error(ErrorCode::bad_data,
                where + ": up_blocks: want " + std::to_string(made) +
                    " resnets, one for each output of down_blocks, and no upsampler after the last, got " +
                    std::to_string(taken));
}

at::Tensor Unet::Stage::step(size_t i, const at::Tensor& x, const at::Tensor& time, const at::Tensor& context) const {
  const at::Tensor h = resnets[i](x, time);
  return attentions[i] ? (*attentions[i])(h, context) : h;
}

Unet::Conditioning Unet::condition(const at::Tensor& context, const at::Tensor& pooled, const at::Tensor& time_ids) const {
  const auto type = options().dtype();
  const at::Tensor sizes = size_sinusoids_(time_ids.flatten()).view({time_ids.size(0), -1});
  return {context.to(type), add_embedding_(at::cat({pooled.to(type), sizes.to(type)}, -1))};
}

at::Tensor Unet::operator()(const at::Tensor& x, double timestep, const Conditioning& conditioning) const {
  const at::Tensor& context = conditioning.context;
  const at::Tensor t = at::full({x.size(0)}, timestep, x.options().dtype(at::kFloat));
  const at::Tensor time = at::silu(time_embedding_(time_sinusoids_(t).to(x.dtype())) + conditioning.added);

  at::Tensor h = conv_in_(x);
  std::vector<at::Tensor> skips{h};
  for (const Stage& stage : down_) {
    for (size_t i = 0; i < stage.resnets.size(); ++i) skips.push_back(h = stage.step(i, h, time, context));
    if (stage.resize) skips.push_back(h = (*stage.resize)(h));
  }
  for (size_t i = 0; i < middle_.resnets.size(); ++i) h = middle_.step(i, h, time, context);
  for (const Stage& stage : up_) {
    for (size_t i = 0; i < stage.resnets.size(); ++i) {
      h = stage.step(i, at::cat({h, skips.back()}, 1), time, context);
      skips.pop_back();
    }
    // to the size of the next skip, which doubling would miss where halving rounded
    if (stage.resize) h = (*stage.resize)(enlarged(h, skips.back().size(2), skips.back().size(3)));
  }
  return conv_out_(at::silu(norm_out_(h)));
}

}  // namespace calotype::sdxl
