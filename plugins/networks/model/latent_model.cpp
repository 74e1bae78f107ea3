#include "networks/model/latent_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <calotype/error.h>

#include "networks/ops/trim_heap.h"

namespace calotype::networks {
namespace {

void check_width(const std::string& where, const char* what, int64_t wanted, int64_t got) {
  if (wanted != got)
    throw Error(ErrorCode::bad_data,
                where + ": " + what + ": want " + std::to_string(wanted) + ", got " + std::to_string(got));
}

void check_extra(int64_t wanted, int64_t got) {
  if (wanted == got) return;
  throw Error(ErrorCode::config, wanted ? "model: this one only fills in masked images; want pipeline: inpaint"
                                        : "model: want one of " + std::to_string(wanted + got) +
                                              " more input channels, which fills in masked images");
}

void check_size(const char* name, int64_t factor, int pixels) {
  if (pixels >= factor && pixels % factor == 0) return;
  const char* wanted = pixels < factor ? ": want at least " : ": want a multiple of ";
  throw Error(ErrorCode::config, name + (wanted + std::to_string(factor)) + ", got " + std::to_string(pixels));
}

template <class A, class B>
void let_go(OnDemand<A>& one, OnDemand<B>& two, at::Device device) {
  if (!one.is_there() && !two.is_there()) return;
  one.drop(), two.drop();
  trim_heap(device);
}

}  // namespace

LatentModel::LatentModel(ModelComponents components)
    : levels_(std::move(components.training_sigmas)),
      prediction_(components.prediction),
      edm_(components.edm),
      sizes_(components.sizes),
      colors_(components.colors),
      zeros_for_empty_prompt_(components.zeros_for_empty_prompt),
      device_(components.device),
      memory_(components.memory),
      prompts_([text = components.text_encoders] { return std::make_unique<PromptEncoder>(text); }),
      unet_([this, n = components.unet] {
        return std::make_unique<Unet>(n.weights, n.config, pooled_width_, memory_ == Memory::block_offload);
      }),
      autoencoder_([n = components.vae, tiled = components.tiled_decode] {
        return std::make_unique<Autoencoder>(n.weights, n.config, tiled);
      }),
      decodes_tiny_(components.decodes_tiny) {
  if (components.tiny_decoder) tiny_decoder_.emplace(*components.tiny_decoder);
  const std::string& where = components.unet.weights.where();
  if (components.attention != AttentionRule::fixed && device_.is_cuda())
    attention_ = std::make_shared<AttentionChoice>(components.attention);
  if (memory_ == Memory::full) {
    pooled_width_ = prompts_.settle().pooled_width();
    unet_.settle(), autoencoder_.settle();
    if (UnetGraphs::can_record(device_)) graphs_ = std::make_shared<UnetGraphs>(device_);
    measure(prompts_.get(), unet_.get(), autoencoder_.get(), where);
    return;
  }
  // whether the components fit together is known before any of them is read
  const auto shapes = [](const Network& n) { return Network{n.weights.shapes(), n.config}; };
  std::vector<PromptEncoder::Component> text = components.text_encoders;
  for (auto& one : text) one.network = shapes(one.network);
  const PromptEncoder prompts(text);
  pooled_width_ = prompts.pooled_width();
  measure(prompts, Unet(components.unet.weights.shapes(), components.unet.config, pooled_width_),
          Autoencoder(components.vae.weights.shapes(), components.vae.config), where);
}

void LatentModel::measure(const PromptEncoder& prompts, const Unet& unet, const Autoencoder& autoencoder,
                          const std::string& where) {
  unet_channels_ = unet.channels();
  size_numbers_ = unet.size_numbers();
  takes_guidance_ = unet.takes_guidance();
  latent_channels_ = autoencoder.channels();
  factor_ = autoencoder.factor();
  // a network that fills in masked images takes a mask and a second set of latents besides
  if (unet_channels_ != 2 * latent_channels_ + 1)
    check_width(where, "input channels of conv_in, as the autoencoder's latents have", latent_channels_,
                unet_channels_);
  check_width(where, "width of cross-attention, as the text encoders have together", prompts.context_width(),
              unet.context_width());
}

PromptEncoder& LatentModel::prompts() {
  if (memory_ != Memory::full) let_go(unet_, autoencoder_, device_);
  return prompts_.get();
}

Unet& LatentModel::unet() {
  if (memory_ != Memory::full) let_go(prompts_, autoencoder_, device_);
  return unet_.get();
}

Autoencoder& LatentModel::autoencoder() {
  if (memory_ != Memory::full) let_go(prompts_, unet_, device_);
  return autoencoder_.get();
}

std::vector<int64_t> LatentModel::latents_shape(int width, int height) const {
  check_size("width", factor_, width);
  check_size("height", factor_, height);
  return {1, latent_channels_, height / factor_, width / factor_};
}

PromptsOverSteps LatentModel::encode_plain_prompts(const LatentRequest& request, const DenoiserUse& use) {
  auto positive = prompts()(request.prompt, request.prompt_2.value_or(request.prompt), request.clip_skip);
  if (!request.takes_negative(use)) return {{std::move(positive)}, {}};

  if (zeros_for_empty_prompt_ && !request.negative_prompt && !request.negative_prompt_2)
    return {{positive.zeros().with(positive)}, {}};
  const std::string text = request.negative_prompt.value_or("");
  // at full depth, as diffusers has it: clip_skip is the positive prompt's
  return {{prompts()(text, request.negative_prompt_2.value_or(text), 0).with(positive)}, {}};
}

ConditioningSchedule LatentModel::encode_prompts(const LatentRequest& request, const DenoiserUse& use,
                                                 double embedded_scale) {
  const PromptsOverSteps& prompts = encodings_.get(request, use, [&] {
    if (request.prompt_syntax == PromptSyntax::plain) return encode_plain_prompts(request, use);
    return encode_over_steps(this->prompts(), request, use, zeros_for_empty_prompt_);
  });
  at::Tensor sizes;
  if (size_numbers_) {
    sizes = sizes_(request, false, size_numbers_);
    if (request.takes_negative(use)) sizes = at::cat({sizes_(request, true, size_numbers_), sizes});
    sizes = sizes.to(device_);
  }
  std::vector<Unet::Conditioning> all;
  for (const auto& encoding : prompts.all) {
    all.push_back(unet().condition(encoding.context, encoding.pooled, sizes, embedded_scale));
    all.back().context.attention = attention_;
    all.back().context.token_merging = request.token_merging;
  }
  return {std::move(all), prompts.of_step, use.sigmas};
}

std::unique_ptr<Denoiser> LatentModel::condition(const Request& request, const DenoiserUse& use,
                                                 const at::Tensor& extra) {
  const at::NoGradGuard no_grad;
  const int64_t wanted = unet_channels_ - latent_channels_;
  check_extra(wanted, extra.defined() ? extra.size(1) : 0);
  LatentRequest asked = request;
  DenoiserUse asked_use = use;
  const UnetDenoiser::Settings settings{
      .prediction = prediction_,
      .guidance = {request.guidance_scale, request.guidance_rescale, request.guidance_start, request.guidance_end},
      .round_timesteps = request.round_timesteps,
      .sigma_data = edm_ ? edm_->sigma_data : 1,
      .time_is_sigma = edm_.has_value(),
      .sigmas = use.sigmas,
      .deep_cache = asked.deep_cache,
      .graphs = graphs_,
      .cuda_graphs = request.cuda_graphs};
  if (takes_guidance_) asked.guidance_scale = 1, asked_use.unconditional = false;
  return std::make_unique<UnetDenoiser>([this]() -> const Unet& { return unet(); }, beside_graphs([&] {
                                          return encode_prompts(asked, asked_use, request.guidance_scale);
                                        }),
                                        training_sigmas(), settings, extra);
}

at::Tensor LatentModel::encode(const at::Tensor& images, const at::Tensor& noise) {
  const at::NoGradGuard no_grad;
  const auto parts = beside_graphs([&] { return autoencoder().moments(images.mul(2).sub(1)); }).chunk(2, 1);
  return autoencoder().scaled(parts[0] + parts[1].clamp(-30, 20).mul(0.5).exp() * noise);
}

at::Tensor LatentModel::preview(const at::Tensor& latents) {
  const at::NoGradGuard no_grad;
  if (!tiny_decoder_ && !colors_) return {};
  return beside_graphs(
      [&] { return tiny_decoder_ ? (*tiny_decoder_)(latents).clamp(0, 1) : linear_preview(latents, *colors_); });
}

at::Tensor LatentModel::decode(const at::Tensor& latents) {
  if (decodes_tiny_) return preview(latents);
  const at::NoGradGuard no_grad;
  const Autoencoder& autoencoder = this->autoencoder();
  return beside_graphs([&] { return autoencoder.decode(autoencoder.unscaled(latents)).div(2).add(0.5).clamp(0, 1); });
}

std::vector<std::string> LatentModel::take_warnings() {
  return graphs_ ? graphs_->take_warnings() : std::vector<std::string>();
}

}  // namespace calotype::networks
