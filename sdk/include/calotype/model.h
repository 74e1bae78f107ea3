#pragma once
#include <calotype/error.h>
#include <calotype/model_sigmas.h>
#include <calotype/request.h>
#include <calotype/tensor.h>

#include <memory>
#include <string>
#include <vector>

namespace calotype {

/// Both predictions of the clean latents from one model evaluation, of the same shape.
struct Guided {
  at::Tensor denoised, unconditional;  ///< with guidance; without, for the negative prompt alone
};

/// Guidance, prediction type and conditioning in one function. Model::condition makes it; it must not outlive its
/// Model.
class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// One model evaluation: denoised, the prediction of the clean latents in x. x: [N,C,h,w] float32 on the model's
  /// device; sigma > 0, the standard deviation of the noise in x. The result has the shape of x. On the CPU in float32,
  /// each of the N results equals, to the last bit, the result for that image alone.
  virtual at::Tensor denoise(const at::Tensor& x, double sigma) = 0;
  /// Also one model evaluation: the prediction with guidance and without. Called only if DenoiserUse::unconditional
  /// was true. Throws Error (config) if the model has no unconditional prediction.
  virtual Guided denoise_guided(const at::Tensor&, double) {
    throw Error(ErrorCode::config, "sampler: it needs the unconditional prediction, which this model does not have");
  }
};

/// The text encoders, UNet and VAE of a model on one device. Only one thread at a time may use it.
class Model {
 public:
  virtual ~Model() = default;
  /// The device on which it computes.
  virtual at::Device device() const = 0;
  /// The sigmas that it was trained on; a view that is valid as long as the model.
  virtual ModelSigmas training_sigmas() const = 0;
  /// Shape of the latents of one image of `width` x `height` pixels, [1,C,h,w]. Throws Error if the model cannot
  /// generate this size.
  virtual std::vector<int64_t> latents_shape(int width, int height) const = 0;
  /// The UNet's number of input channels: 4, or 9 for a UNet that was trained to inpaint.
  virtual int64_t input_channels() const = 0;
  /// Encodes the prompts once for all steps and images of a request. `use`: Run::denoiser_use. `extra`: the further
  /// input of a UNet with more than 4 channels, [1,input_channels-C,h,w] float32: the mask, 1 where the image is
  /// regenerated, and the latents of the image with gray under the mask. Throws Error (config) if the UNet needs
  /// `extra` and it is undefined, or the reverse.
  virtual std::unique_ptr<Denoiser> condition(const Request& request, const DenoiserUse& use,
                                              const at::Tensor& extra = {}) = 0;
  /// Images [N,3,H,W] float32 with values from 0 to 1 -> latents [N,C,h,w] float32. `noise`, standard normal and of
  /// the latents' shape, samples them from the distribution that the VAE predicts. H and W are multiples of 8.
  virtual at::Tensor encode(const at::Tensor& images, const at::Tensor& noise) = 0;
  /// Clean latents [N,C,h,w] float32 -> images [N,3,H,W] float32 with values from 0 to 1, on the same device.
  virtual at::Tensor decode(const at::Tensor& latents) = 0;
  /// A fast, approximate decode of clean latents [1,C,h,w], for previews during a run: [1,3,H,W] of any size with
  /// values from 0 to 1, on the same device. Undefined if the model has none.
  virtual at::Tensor preview(const at::Tensor&) { return {}; }
  /// Returns and forgets the warnings since the last call, one sentence each: where the model did not do exactly what
  /// the request asked for. The host adds them to the warnings of the run.
  virtual std::vector<std::string> take_warnings() { return {}; }
};

}  // namespace calotype
