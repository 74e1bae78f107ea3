#pragma once
#include <calotype/model_loader.h>

#include <memory>
#include <optional>
#include <vector>

#include "networks/components/autoencoder.h"
#include "networks/components/tiny_decoder.h"
#include "networks/components/unet.h"
#include "networks/layouts/noise_schedule.h"
#include "networks/model/denoiser.h"
#include "networks/model/encoding_cache.h"
#include "networks/model/latent_preview.h"
#include "networks/model/network.h"
#include "networks/model/on_demand.h"
#include "networks/model/prompt_encoder.h"

namespace calotype::networks {

/// The numbers of sizes and crop [1,count] float32 that a UNet reads for a request, or for its negative prompt.
using SizesOf = at::Tensor (*)(const Request& request, bool is_negative, int64_t count);

/// What a loader found, whatever the layout of the files.
struct ModelComponents {
  std::vector<PromptEncoder::Component> text_encoders;
  Network unet;
  Network vae;  ///< its weights in vae_dtype(dtype, config), on `device` like all
  std::optional<Weights> tiny_decoder{};
  bool decodes_tiny = false;            ///< whether tiny_decoder stands in for the VAE's decoder
  std::vector<double> training_sigmas;  ///< sigma of each training timestep, rising
  Prediction prediction = Prediction::epsilon;
  std::optional<Edm> edm{};
  SizesOf sizes = nullptr;               ///< null: the UNet reads none
  const LatentColors* colors = nullptr;  ///< null: no preview without a tiny decoder
  bool zeros_for_empty_prompt = false;
  at::Device device{at::kCPU};
  Memory memory = Memory::full;
  bool tiled_decode = false;
  AttentionRule attention = AttentionRule::fixed;
};

/// A latent diffusion model (Rombach et al. 2022, arXiv:2112.10752): text encoders, a UNet and a VAE, of any width and
/// depth.
class LatentModel final : public Model {
 public:
  /// Throws Error (bad_data) where the components do not fit together.
  explicit LatentModel(ModelComponents components);
  LatentModel(const LatentModel&) = delete;

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
  ConditioningSchedule encode_prompts(const LatentRequest& request, const DenoiserUse& use, double embedded_scale);
  PromptsOverSteps encode_plain_prompts(const LatentRequest& request, const DenoiserUse& use);
  /// Checks that the components fit together.
  void measure(const PromptEncoder& prompts, const Unet& unet, const Autoencoder& autoencoder,
               const std::string& where);
  // The networks: each call lets those go that this one has no need of, unless all are to stay.
  PromptEncoder& prompts();
  Unet& unet();
  Autoencoder& autoencoder();

  std::vector<double> levels_;
  Prediction prediction_;
  std::optional<Edm> edm_;
  SizesOf sizes_;
  const LatentColors* colors_;
  bool zeros_for_empty_prompt_;
  at::Device device_;
  Memory memory_;
  bool takes_guidance_ = false;
  int64_t size_numbers_ = 0, pooled_width_ = 0, unet_channels_ = 0, latent_channels_ = 0, factor_ = 0;
  EncodingCache encodings_;
  std::shared_ptr<AttentionChoice> attention_;  ///< of the denoising network; null: libtorch chooses
  std::shared_ptr<UnetGraphs> graphs_;  ///< null where the network may go or change between two calls, or is on the CPU
  OnDemand<PromptEncoder> prompts_;
  OnDemand<Unet> unet_;
  OnDemand<Autoencoder> autoencoder_;
  std::optional<TinyDecoder> tiny_decoder_;  ///< stays on the device: it is small, and looked through between steps
  bool decodes_tiny_;
};

}  // namespace calotype::networks
