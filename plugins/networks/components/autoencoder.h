#pragma once
#include <optional>
#include <vector>

#include "networks/components/resnet.h"
#include "networks/files/model_config.h"
#include "networks/ops/attention.h"

namespace calotype::networks {

/// The type to compute the autoencoder in: SDXL's own overflows float16, which its config tells by force_upcast.
at::ScalarType vae_dtype(at::ScalarType dtype, const ModelConfig& config);

/// Images to latents, eight times smaller for SDXL, and back (diffusers' AutoencoderKL).
class Autoencoder {
 public:
  /// `tiled`: layer by layer, each in tiles of the whole image, with the means and variances of the whole: less
  /// memory, and the same but for rounding. Throws Error (bad_data).
  Autoencoder(const Weights& weights, const ModelConfig& config, bool tiled = false);

  /// Unscaled latents [N,4,h,w] -> images [N,3,factor*h,factor*w] float32, about -1 to 1.
  at::Tensor decode(const at::Tensor& latents) const;
  /// Images [N,3,H,W], -1 to 1 -> mean, then logarithm of the variance, of unscaled latents: [N,8,H/factor,W/factor]
  /// float32.
  at::Tensor moments(const at::Tensor& images) const;
  /// Unscaled latents to the unit variance that the denoiser works on, and back: [N,4,h,w] float32.
  at::Tensor scaled(const at::Tensor& latents) const;
  at::Tensor unscaled(const at::Tensor& latents) const;

  /// Pixels to a latent, each way: 8.
  int64_t factor() const { return factor_; }
  int64_t channels() const { return decoder_.conv_in.inputs(); }

 private:
  struct Stage {
    std::vector<Resnet> resnets;
    std::optional<Conv> resize;
  };
  /// Encoder and decoder are the same parts in another order.
  struct Half {
    Conv conv_in, conv_out;
    GroupNorm norm_out;
    std::vector<Resnet> middle;
    std::optional<GroupNorm> attention_norm;
    std::optional<SelfAttention> attention;
    std::vector<Stage> stages;

    Half(const Weights& weights, int64_t groups, const char* stages, const char* resize, int64_t stride);
    at::Tensor run_middle(at::Tensor x) const;
    at::Tensor run_end(const at::Tensor& x, bool tiled) const;
  };
  at::Tensor run(const Resnet& resnet, at::Tensor x) const;
  Half encoder_, decoder_;
  std::optional<Conv> quant_conv_, post_quant_conv_;
  int64_t factor_ = 1;
  bool tiled_;
  double scaling_factor_;
  at::Tensor mean_, deviation_;  // [1,4,1,1] float32; undefined: 0 and 1
};

}  // namespace calotype::networks
