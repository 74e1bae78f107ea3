#pragma once
#include <calotype/model_loader.h>

#include <memory>
#include <optional>
#include <vector>

#include "layouts/noise_schedule.h"
#include "model/denoiser.h"
#include "model/encoding_cache.h"
#include "model/network.h"
#include "model/on_demand.h"
#include "model/prompt_encoder.h"
#include "networks/autoencoder.h"
#include "networks/tiny_decoder.h"
#include "networks/unet.h"

namespace calotype::sdxl {

/// What a loader found, whatever the layout of the files.
struct SdxlParts {
  Network text_encoder, text_encoder_2, unet;
  Network vae;  ///< its weights in vae_dtype(dtype, config), on `device` like all
  std::optional<Weights> tiny_decoder{};
  bool draws_tiny = false;  ///< whether tiny_decoder stands in for the VAE's decoder
  Vocabulary tokenizer, tokenizer_2;
  std::vector<double> training_sigmas;  ///< sigma of each training timestep, rising
  Prediction prediction = Prediction::epsilon;
  std::optional<Edm> edm{};
  bool zeros_for_empty_prompt = true;
  at::Device device{at::kCPU};
  at::ScalarType dtype = at::kFloat;
  Memory memory = Memory::full;
  bool tiled_decode = false;
  AttentionRule attention = AttentionRule::fixed;
};

/// Stable Diffusion XL (Podell et al. 2023, arXiv:2307.01952), of any width and depth.
class SdxlModel final : public Model {
 public:
  /// Throws Error (bad_data) where the parts do not fit together.
  explicit SdxlModel(SdxlParts parts);
  SdxlModel(const SdxlModel&) = delete;

  at::Device device() const override { return device_; }
  ModelSigmas training_sigmas() const override { return ModelSigmas(levels_); }
  std::vector<int64_t> latents_shape(int width, int height) const override;
  int64_t input_channels() const override { return unet_channels_; }
  std::unique_ptr<Denoiser> condition(const Request& request, const DenoiserUse& use,
                                      const at::Tensor& extra = {}) override;
  at::Tensor encode(const at::Tensor& images, const at::Tensor& noise) override;
  at::Tensor decode(const at::Tensor& latents) override;
  at::Tensor preview(const at::Tensor& latents) override;
  std::vector<std::string> take_warnings() override;

 private:
  /// What `body` gives; the memory of recorded calls goes where it wants it.
  template <class Body>
  auto beside_graphs(Body body) {
    return graphs_ ? with_memory_of(*graphs_, body) : body();
  }
  /// `embedded_scale`: what a network that was distilled with guidance inside is told of it; request.guidance_scale is
  /// 1 then.
  ConditioningSchedule encode_prompts(const SdxlRequest& request, const DenoiserUse& use, double embedded_scale);
  PromptsOverSteps encode_plain_prompts(const SdxlRequest& request, const DenoiserUse& use);
  /// [1,6], or [1,5] for the refiner
  at::Tensor sizes(const SdxlRequest& request) const;
  at::Tensor negative_sizes(const SdxlRequest& request) const;

  /// Checks that the parts fit together.
  void measure(const PromptEncoder& prompts, const Unet& unet, const Autoencoder& autoencoder,
               const std::string& where);
  // The networks: each call lets those go that this one has no need of, unless all are to stay.
  PromptEncoder& prompts();
  Unet& unet();
  Autoencoder& autoencoder();

  std::vector<double> levels_;
  Prediction prediction_;
  std::optional<Edm> edm_;
  bool zeros_for_empty_prompt_;
  at::Device device_;
  Memory memory_;
  bool is_refiner_ = false, takes_guidance_ = false;
  int64_t pooled_width_ = 0, unet_channels_ = 0, latent_channels_ = 0, factor_ = 0;
  EncodingCache encodings_;
  std::shared_ptr<AttentionChoice> attention_;  ///< of the denoising network; null: libtorch chooses
  std::shared_ptr<UnetGraphs> graphs_;  ///< null where the network may go or change between two calls, or is on the CPU
  OnDemand<PromptEncoder> prompts_;
  OnDemand<Unet> unet_;
  OnDemand<Autoencoder> autoencoder_;
  std::optional<TinyDecoder> tiny_decoder_;  ///< stays on the device: it is small, and looked through between steps
  bool draws_tiny_;
};

}  // namespace calotype::sdxl
