#pragma once
#include <calotype/error.h>
#include <calotype/model_sigmas.h>
#include <calotype/request.h>
#include <calotype/tensor.h>

#include <memory>
#include <string>
#include <vector>

namespace calotype {

/// Two estimates of clean latents of one model evaluation.
struct Guided {
  at::Tensor denoised, unconditional;  ///< with guidance; for the negative prompt alone
};

/// Guidance, prediction type and conditioning in one function. Made by Model::condition, lives while its Model does.
class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// The estimate of the clean latents. x: [N,4,H/8,W/8] float32 on the model's device, sigma sigma > 0; same
  /// shape out. On the CPU in float32 each of the N is, to the bit, what it is alone.
  virtual at::Tensor denoise(const at::Tensor& x, double sigma) = 0;
  /// The same, and what it is without guidance. Called only where DenoiserUse::unconditional was true. Throws Error
  /// (config) where the model has no such thing.
  virtual Guided denoise_guided(const at::Tensor&, double) {
    throw Error(ErrorCode::config,
                "sampler: it wants the estimate for the negative prompt alone, which this model does not give");
  }
};

/// Text encoders, denoising network and autoencoder on one device. Used by one thread at a time.
class Model {
 public:
  virtual ~Model() = default;
  virtual at::Device device() const = 0;
  virtual ModelSigmas training_sigmas() const = 0;
  /// Shape of the latents of one image, [1,4,H/8,W/8]. Throws Error where the size is none that the model can draw.
  virtual std::vector<int64_t> latents_shape(int width, int height) const = 0;
  /// What the denoising network takes: 4, or 9 for one that was trained to fill in masked images.
  virtual int64_t input_channels() const = 0;
  /// Encodes the prompts, once for all steps and images of a request. `use`: Run::denoiser_use. `extra`: what a network
  /// of more than 4 channels takes besides the latents, [1,input_channels-4,H/8,W/8] float32: the mask, 1 where it
  /// draws, and the latents of the image with gray in place of what is masked. Throws Error (config) where the network
  /// wants it and there is none, or the other way around.
  virtual std::unique_ptr<Denoiser> condition(const Request& request, const DenoiserUse& use,
                                              const at::Tensor& extra = {}) = 0;
  /// Images [N,3,H,W] float32, 0 to 1 -> latents [N,4,H/8,W/8] float32, drawn by `noise`, unit normal of their shape,
  /// from what the autoencoder says of each. H and W are multiples of 8.
  virtual at::Tensor encode(const at::Tensor& images, const at::Tensor& noise) = 0;
  /// Clean latents [N,4,H/8,W/8] float32 -> images [N,3,H,W] float32, 0 to 1, on the same device.
  virtual at::Tensor decode(const at::Tensor& latents) = 0;
  /// The same in a fraction of the time, and roughly, to look at while it is drawn. Undefined where the model has no
  /// way to.
  virtual at::Tensor preview(const at::Tensor&) { return {}; }
  /// What went otherwise than asked since this was last called, a sentence each: the host adds them to the warnings of
  /// the run.
  virtual std::vector<std::string> take_warnings() { return {}; }
};

}  // namespace calotype
