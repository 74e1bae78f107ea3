#pragma once
#include <calotype/model.h>

#include "unet.h"

namespace calotype::sdxl {

/// What the network was trained to give.
enum class Prediction {
  epsilon,      ///< the noise
  v_prediction  ///< Salimans and Ho 2022, arXiv:2202.00512, appendix D
};

struct Guidance {
  double scale = 1;    ///< Ho and Salimans 2022, arXiv:2207.12598, as Imagen writes it: 1 is none
  double rescale = 0;  ///< phi of Lin et al. 2023, arXiv:2305.08891, equation 16; 0 is none
};

/// unconditional + scale * (conditional - unconditional), then rescaled to the deviation of `conditional`: [N,4,H,W]
/// float32.
at::Tensor guided(const at::Tensor& unconditional, const at::Tensor& conditional, Guidance guidance);

/// The clean latents that a network's `output` at noise level `sigma` means: x, output [N,4,H,W] float32 -> same.
at::Tensor denoised(const at::Tensor& x, const at::Tensor& output, double sigma, Prediction prediction);

/// SDXL's network as a Denoiser. With guidance both predictions are one batch: the negative first, as in the conditioning.
class SdxlDenoiser final : public Denoiser {
 public:
  struct Settings {
    Prediction prediction = Prediction::epsilon;
    Guidance guidance;  ///< not used where the conditioning is of batch 1
    bool round_timesteps = false;
  };
  /// `unet` and `levels` must live as long. conditioning: of batch 1, or 2: negative, positive.
  SdxlDenoiser(const Unet& unet, Unet::Conditioning conditioning, NoiseLevels levels, Settings settings);
  at::Tensor denoise(const at::Tensor& x, double sigma) override;

 private:
  const Unet& unet_;
  Unet::Conditioning conditioning_;
  NoiseLevels levels_;
  Settings settings_;
};

}  // namespace calotype::sdxl
