#include "model.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>
#include <calotype/error.h>

#include "micro_conditioning.h"

namespace calotype::sdxl {
namespace {

void check_width(const std::string& where, const char* what, int64_t wanted, int64_t got) {
  if (wanted != got)
    throw Error(ErrorCode::bad_data,
                where + ": " + what + ": want " + std::to_string(wanted) + ", got " + std::to_string(got));
}

void check_size(const char* name, int64_t factor, int pixels) {
  if (pixels >= factor && pixels % factor == 0) return;
  const char* wanted = pixels < factor ? ": want at least " : ": want a multiple of ";
  throw Error(ErrorCode::config, name + (wanted + std::to_string(factor)) + ", got " + std::to_string(pixels));
}

at::Tensor row(const TimeIds& ids) {
  return at::tensor(at::ArrayRef<double>(ids), at::kFloat).unsqueeze(0);
}

}  // namespace

SdxlModel::SdxlModel(SdxlParts parts)
    : levels_(std::move(parts.noise_levels)),
      prediction_(parts.prediction),
      zeros_for_empty_prompt_(parts.zeros_for_empty_prompt),
      device_(parts.device),
      prompts_(parts.text_encoder, parts.tokenizer, parts.text_encoder_2, parts.tokenizer_2),
      unet_(parts.unet.weights, parts.unet.config, prompts_.pooled_width()),
      autoencoder_(parts.vae.weights, parts.vae.config) {
  const std::string& where = parts.unet.weights.where();
  check_width(where, "input channels of conv_in, as the autoencoder's latents have", autoencoder_.channels(),
              unet_.channels());
  check_width(where, "width of cross-attention, as both text encoders have together", prompts_.context_width(),
              unet_.context_width());
}

std::vector<int64_t> SdxlModel::latents_shape(int width, int height) const {
  const int64_t factor = autoencoder_.factor();
  check_size("width", factor, width);
  check_size("height", factor, height);
  return {1, autoencoder_.channels(), height / factor, width / factor};
}

Unet::Conditioning SdxlModel::encode(const Request& request) const {
  const auto positive = prompts_(request.prompt, request.prompt_2.value_or(request.prompt), request.clip_skip);
  const at::Tensor ids = row(time_ids(request));
  if (request.guidance_scale == 1) return unet_.condition(positive.context, positive.pooled, ids.to(device_));

  PromptEncoder::Encoding negative;
  if (zeros_for_empty_prompt_ && !request.negative_prompt && !request.negative_prompt_2) {
    negative = {at::zeros_like(positive.context), at::zeros_like(positive.pooled)};
  } else {
    const std::string text = request.negative_prompt.value_or("");
    // at full depth, as diffusers has it: clip_skip is the positive prompt's
    negative = prompts_(text, request.negative_prompt_2.value_or(text), 0);
  }
  return unet_.condition(at::cat({negative.context, positive.context}), at::cat({negative.pooled, positive.pooled}),
                         at::cat({row(negative_time_ids(request)), ids}).to(device_));
}

std::unique_ptr<Denoiser> SdxlModel::condition(const Request& request) {
  const at::NoGradGuard no_grad;
  const SdxlDenoiser::Settings settings{
      prediction_, {request.guidance_scale, request.guidance_rescale}, request.round_timesteps};
  return std::make_unique<SdxlDenoiser>(unet_, encode(request), noise_levels(), settings);
}

at::Tensor SdxlModel::decode(const at::Tensor& latents) {
  const at::NoGradGuard no_grad;
  return autoencoder_.decode(autoencoder_.unscaled(latents)).div(2).add(0.5).clamp(0, 1);
}

}  // namespace calotype::sdxl
