#include "networks/components/unet.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/silu.h>
#include <calotype/error.h>

#include <algorithm>
#include <cmath>

#include "networks/layouts/size_numbers.h"

namespace calotype::networks {
namespace {

constexpr double kGuidanceUnit = 1000;
constexpr int kMany = 1 << 20;

/// What reads the sizes. Throws Error (bad_data) where its inputs fit no number of them.
SizeNumbers checked_numbers(int64_t inputs, int64_t pooled_width, const ModelConfig& config, const std::string& where) {
  const SizeNumbers numbers = size_numbers(inputs, pooled_width, config);
  if (!numbers.count)
    throw Error(ErrorCode::bad_data, where + ": add_embedding: want " + std::to_string(pooled_width) + " + 6 * " +
                                         std::to_string(numbers.width) +
                                         " inputs, for the pooled text and six even widths, got " +
                                         std::to_string(inputs));
  return numbers;
}

}  // namespace

Sinusoids::Sinusoids(int64_t width, const ModelConfig& config, at::Device device)
    : Sinusoids(width, config.boolean("flip_sin_to_cos", true), config.number("freq_shift", 0, 0, 1), device) {}

Sinusoids::Sinusoids(int64_t width, bool cosines_first, double shift, at::Device device)
    : cosines_first_(cosines_first) {
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

Unet::Unet(const Weights& weights, const ModelConfig& config, int64_t pooled_width, bool streamed)
    : groups_(config.integer("norm_num_groups", 32, 1, kMany)),
      epsilon_(config.number("norm_eps", 1e-5, 0, 1)),
      heads_(config.integers(config.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim", {}, 1,
                             kMany)),
      conv_in_(weights.at("conv_in")),
      conv_out_(weights.at("conv_out")),
      norm_out_(weights.at("conv_norm_out"), groups_, epsilon_),
      time_embedding_(weights.at("time_embedding").quantized(Quantization::none)),
      time_sinusoids_(time_embedding_.inputs(), config, conv_in_.options().device()),
      blocks_(std::make_unique<UnetBlocks>(conv_in_.options().device(), streamed)) {
  if (weights.has("add_embedding")) {
    add_embedding_.emplace(weights.at("add_embedding").quantized(Quantization::none));
    const SizeNumbers numbers = checked_numbers(add_embedding_->inputs(), pooled_width, config, weights.where());
    size_sinusoids_.emplace(numbers.width, config, conv_in_.options().device());
    size_numbers_ = numbers.count;
  }
  if (weights.has("time_embedding.cond_proj")) {
    guidance_.emplace(weights.at("time_embedding.cond_proj"));
    guidance_sinusoids_.emplace(guidance_->inputs(), false, 1, conv_in_.options().device());
  }
  const int levels = weights.count("down_blocks");
  if (heads_.size() == 1) heads_.resize(size_t(levels), heads_.front());
  if (!heads_.empty() && int(heads_.size()) != levels)
    config.fail("attention_head_dim", "one number, or one for each of " + std::to_string(levels) + " blocks");
  for (int i = 0; i < levels; ++i) down_.push_back(stage(weights.at("down_blocks." + std::to_string(i)), i));
  if (weights.has("mid_block")) middle_ = stage(weights.at("mid_block"), levels - 1);
  for (int i = 0; i < levels; ++i) up_.push_back(stage(weights.at("up_blocks." + std::to_string(i)), levels - 1 - i));
  check_skips(weights.where());
  blocks_->load();
}

Unet::Stage Unet::stage(const Weights& weights, int level) {
  Stage stage{blocks_->size(), 0, {}};
  const int count = std::max(weights.count("resnets"), 1);  // none: the missing tensor is named below
  if (!attention_level_ && weights.has("attentions")) attention_level_ = level;
  for (int i = 0; i < count; ++i) {
    const auto make = [i, heads = heads_.empty() ? 0 : heads_[size_t(level)], groups = groups_, epsilon = epsilon_,
                       is_largest = attention_level_ == level](const Weights& w) {
      UnetBlock block{Resnet(w.at("resnets." + std::to_string(i)), groups, epsilon), {}};
      const std::string name = "attentions." + std::to_string(i);
      const int64_t usual = std::max<int64_t>(block.resnet.outputs() / 64, 1);
      if (w.has(name)) block.attention.emplace(w.at(name), heads ? heads : usual, groups, is_largest);
      return block;
    };
    const UnetBlock& block = blocks_->add(make, weights, size_t(i));
    ++stage.count;
    if (block.attention) context_width_ = block.attention->context_width();
  }
  if (weights.has("downsamplers")) stage.resize.emplace(weights.at("downsamplers.0.conv"), 2);
  if (weights.has("upsamplers")) stage.resize.emplace(weights.at("upsamplers.0.conv"));
  return stage;
}

void Unet::check_skips(const std::string& where) const {
  size_t made = 1, taken = 0;
  for (const Stage& stage : down_) made += stage.count + (stage.resize ? 1 : 0);
  for (const Stage& stage : up_) taken += stage.count;
  if (made != taken || up_.back().resize)
    throw Error(ErrorCode::bad_data,
                where + ": up_blocks: want " + std::to_string(made) +
                    " resnets, one for each output of down_blocks, and no upsampler after the last, got " +
                    std::to_string(taken));
}

Unet::Conditioning Unet::Conditioning::changed(const std::function<at::Tensor(const at::Tensor&)>& change) const {
  Conditioning out = *this;
  out.context.encoded = change(context.encoded);
  if (added.defined()) out.added = change(added);
  out.context.memory = std::make_shared<TextMemory>();
  return out;
}

Unet::Conditioning Unet::Conditioning::buffers() const {
  Conditioning out = *this;
  out.context.encoded = at::Tensor();
  out.context.memory = std::make_shared<TextMemory>(context.memory->cloned());
  if (added.defined()) out.added = added.clone();
  if (guidance.defined()) out.guidance = guidance.clone();
  return out;
}

void Unet::Conditioning::write(const Conditioning& from) {
  std::vector<at::Tensor> to = context.memory->all(), source = from.context.memory->all();
  if (added.defined()) to.push_back(added), source.push_back(from.added);
  if (guidance.defined()) to.push_back(guidance), source.push_back(from.guidance);
  at::_foreach_copy_(to, source);
}

void Unet::read_text(const Conditioning& conditioning) const {
  for (size_t place = 0; place < blocks_->size(); ++place) {
    const UnetBlock& block = blocks_->get(place, (place + 1) % blocks_->size());
    conditioning.context.memory->begin(place);
    if (block.attention) block.attention->read_text(conditioning.context);
  }
}

Unet::Conditioning Unet::condition(const at::Tensor& context, const at::Tensor& pooled, const at::Tensor& sizes,
                                   double guidance_scale) const {
  const auto type = options().dtype();
  at::Tensor guidance;
  if (guidance_) {
    const at::Tensor scale = at::full({1}, (guidance_scale - 1) * kGuidanceUnit, options().dtype(at::kFloat));
    guidance = (*guidance_)((*guidance_sinusoids_)(scale).to(type));
  }
  if (!add_embedding_) return {{context.to(type)}, {}, guidance};
  const at::Tensor sinusoids = (*size_sinusoids_)(sizes.flatten()).view({sizes.size(0), -1});
  return {{context.to(type)}, (*add_embedding_)(at::cat({pooled.to(type), sinusoids.to(type)}, -1)), guidance};
}

at::Tensor Unet::operator()(const at::Tensor& x, double timestep, const Conditioning& conditioning,
                            at::Tensor* deep) const {
  return (*this)(x, at::full({x.size(0)}, timestep, x.options().dtype(at::kFloat)), conditioning, deep);
}

at::Tensor Unet::operator()(const at::Tensor& x, const at::Tensor& timesteps, const Conditioning& conditioning,
                            at::Tensor* deep) const {
  at::Tensor sinusoids = time_sinusoids_(timesteps).to(x.dtype());
  if (conditioning.guidance.defined()) sinusoids = sinusoids + conditioning.guidance;
  const at::Tensor embedded = time_embedding_(sinusoids);
  const at::Tensor time = at::silu(conditioning.added.defined() ? embedded + conditioning.added : embedded);

  const bool is_whole = !deep || !deep->defined();
  const Stage& outermost = up_.back();
  const auto block = [&](const Stage& stage, size_t i, const at::Tensor& h) {
    const size_t place = stage.first + i;
    // conv_in has the first skip
    const size_t next = !is_whole && place + 2 == outermost.count ? outermost.first : place + 1;
    conditioning.context.memory->begin(place);
    return blocks_->get(place, next % blocks_->size())(h, time, conditioning.context);
  };
  at::Tensor h = conv_in_(x);
  std::vector<at::Tensor> skips{h};
  const auto is_deep = [&] { return !is_whole && skips.size() == outermost.count; };
  for (const Stage& stage : down_) {
    for (size_t i = 0; i < stage.count && !is_deep(); ++i) skips.push_back(h = block(stage, i, h));
    if (stage.resize && !is_deep()) skips.push_back(h = (*stage.resize)(h));
  }
  const auto rise = [&](const Stage& stage) {
    for (size_t i = 0; i < stage.count; ++i) {
      h = block(stage, i, at::cat({h, skips.back()}, 1));
      skips.pop_back();
    }
    // to the size of the next skip, which doubling would miss where halving rounded
    if (stage.resize) h = (*stage.resize)(enlarged(h, skips.back().size(2), skips.back().size(3)));
  };
  if (is_whole) {
    for (size_t i = 0; i < middle_.count; ++i) h = block(middle_, i, h);
    for (size_t i = 0; i + 1 < up_.size(); ++i) rise(up_[i]);
    if (deep) *deep = h;
  } else {
    h = *deep;
  }
  rise(outermost);
  return conv_out_(norm_out_.silu(h));
}

}  // namespace calotype::networks
