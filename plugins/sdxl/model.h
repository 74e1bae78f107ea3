#pragma once
#include <calotype/model.h>

#include <memory>
#include <vector>

#include "autoencoder.h"
#include "denoiser.h"
#include "network.h"
#include "prompt_encoder.h"
#include "unet.h"

namespace calotype::sdxl {

/// What a loader found, whatever the layout of the files.
struct SdxlParts {
  Network text_encoder, text_encoder_2, unet;
  Network vae;  ///< its weights in vae_dtype(dtype, config), on `device` like all
  Vocabulary tokenizer, tokenizer_2;
  std::vector<double> noise_levels;  ///< sigma of each training timestep, rising
  Prediction prediction = Prediction::epsilon;
  bool zeros_for_empty_prompt = true;
  at::Device device{at::kCPU};
  at::ScalarType dtype = at::kFloat;
};

/// Stable Diffusion XL (Podell et al. 2023, arXiv:2307.01952), of any width and depth.
class SdxlModel final : public Model {
 public:
  /// Throws Error (bad_data) where the parts do not fit together.
  explicit SdxlModel(SdxlParts parts);
  SdxlModel(const SdxlModel&) = delete;

  at::Device device() const override { return device_; }
  NoiseLevels noise_levels() const override { return NoiseLevels(levels_); }
  std::vector<int64_t> latents_shape(int width, int height) const override;
  std::unique_ptr<Denoiser> condition(const Request& request) override;
  at::Tensor decode(const at::Tensor& latents) override;

 private:
  Unet::Conditioning encode(const Request& request) const;

  std::vector<double> levels_;
  Prediction prediction_;
  bool zeros_for_empty_prompt_;
  at::Device device_;
  PromptEncoder prompts_;
  Unet unet_;
  Autoencoder autoencoder_;
};

}  // namespace calotype::sdxl
