#pragma once
#include <memory>
#include <string>
#include <vector>

#include <calotype/error.h>
#include <calotype/noise_levels.h>
#include <calotype/request.h>
#include <calotype/tensor.h>

namespace calotype {

/// Guidance, prediction type and conditioning in one function. Made by Model::condition, lives while its Model does.
class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// The estimate of the clean latents. x: [1,4,H/8,W/8] float32 on the model's device, noise level sigma > 0; same shape out.
  virtual at::Tensor denoise(const at::Tensor& x, double sigma) = 0;
};

/// Text encoders, denoising network and autoencoder on one device. Used by one thread at a time.
class Model {
 public:
  virtual ~Model() = default;
  virtual at::Device device() const = 0;
  virtual NoiseLevels noise_levels() const = 0;
  /// Shape of the latents of one picture, [1,4,H/8,W/8]. Throws Error where the size is none that the model can draw.
  virtual std::vector<int64_t> latents_shape(int width, int height) const = 0;
  /// Encodes the prompts, once for all steps and images of a request.
  virtual std::unique_ptr<Denoiser> condition(const Request& request) = 0;
  /// Clean latents [N,4,H/8,W/8] float32 -> pictures [N,3,H,W] float32, 0 to 1, on the same device.
  virtual at::Tensor decode(const at::Tensor& latents) = 0;
};

}  // namespace calotype
