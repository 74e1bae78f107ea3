// Inpaint: regenerates the masked part of an image. A UNet with 4 input channels is held to the rest of the image at
// every step: outside the mask, its input is the image with the step's noise, and denoised is replaced by the image
// (Lugmayr et al. 2022, "RePaint", arXiv:2201.09865, without its resampling). A UNet with 9 input channels was trained
// to inpaint and gets the mask and the rest of the image as input. For Euler's method this equals what diffusers does
// between its steps, and it works with every other sampler too.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <calotype/image_tensor.h>

#include <cmath>

#include "masked_image.h"
#include "passes.h"
#include "task.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "inpaint",
                     .aliases = {"inpainting"},
                     .summary = "An image whose masked part is regenerated",
                     .request = {kStrength, kResize, kOnlyMasked, kMaskPadding, kMaskBlur}};

/// mask * inside + (1 - mask) * kept
at::Tensor blended(const at::Tensor& inside, const at::Tensor& kept, const at::Tensor& mask) {
  return inside * mask + kept * (1 - mask);
}

/// A denoiser that holds another one to the image outside the mask.
class BlendedDenoiser final : public Denoiser {
 public:
  /// mask: [1,1,h,w]; kept: the latents of the image, and noise: both [1,4,h,w]; first: the sigma of the first step, at
  /// which x is not replaced.
  BlendedDenoiser(Denoiser& inner, at::Tensor mask, at::Tensor kept, at::Tensor noise, double first)
      : inner_(inner), mask_(std::move(mask)), kept_(std::move(kept)), noise_(std::move(noise)), first_(first) {}
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    return blended(inner_.denoise(seen(x, sigma), sigma), kept_, mask_);
  }
  Guided denoise_guided(const at::Tensor& x, double sigma) override {
    const Guided inner = inner_.denoise_guided(seen(x, sigma), sigma);
    return {blended(inner.denoised, kept_, mask_), blended(inner.unconditional, kept_, mask_)};
  }

 private:
  at::Tensor seen(const at::Tensor& x, double sigma) const {
    return sigma < first_ ? blended(x, kept_ + noise_ * sigma, mask_) : x;
  }
  Denoiser& inner_;
  at::Tensor mask_, kept_, noise_;
  double first_;
};

class Inpaint final : public Pipeline {
 public:
  Passes plan(const Request& request, const Levels& levels) const override {
    check({.name = std::string(kInfo.id), .takes_image = true, .takes_mask = true}, request);
    MaskedImage{request};  // throws if the mask is wrong
    return {last_steps(levels.sigmas(request.steps), request.options[kStrength], "strength")};
  }

  void run(Run& run) override {
    const Request& request = run.request();
    const MaskedImage job(request);
    Model& model = run.model();
    image_ = job.image().to(model.device());
    mask_ = job.mask().to(model.device());
    const int64_t factor = request.height / model.latents_shape(request.width, request.height)[2];
    small_mask_ = mask_.slice(2, 0, request.height, factor).slice(3, 0, request.width, factor);  // nearest neighbour
    const bool is_trained_to_inpaint = model.input_channels() > 4;
    const auto denoiser = is_trained_to_inpaint ? nullptr : model.condition(request, run.denoiser_use());
    for (int k = 0; k < request.images; ++k) {
      const at::Tensor latents =
          is_trained_to_inpaint ? inpainted_by_channels(run, k) : inpainted_by_blending(run, *denoiser, k);
      run.finish(k, job.finished(model.decode(latents)), latents);
    }
  }

 private:
  /// Uses random numbers in diffusers' order, so that the sampler gets the same ones. diffusers uses the third for
  /// latents of the masked image, which a UNet with 4 channels does not get.
  at::Tensor inpainted_by_blending(Run& run, Denoiser& denoiser, int k) const {
    const auto shape = shape_of(run);
    const at::Tensor kept = run.model().encode(image_, run.noise(k, shape)), noise = run.noise(k, shape);
    run.noise(k, shape);
    BlendedDenoiser held(denoiser, small_mask_, kept, noise, run.sigmas().front());
    return blended(run.sample(held, first_latents(run, kept, noise), run.sigmas(), k), kept, small_mask_);
  }

  at::Tensor inpainted_by_channels(Run& run, int k) const {
    const auto shape = shape_of(run);
    Model& model = run.model();
    at::Tensor kept;
    if (run.request().options[kStrength] < 1) kept = model.encode(image_, run.noise(k, shape));
    const at::Tensor noise = run.noise(k, shape);
    const at::Tensor gray = image_ * (1 - mask_) + 0.5 * mask_;
    const at::Tensor extra = at::cat({small_mask_, model.encode(gray, run.noise(k, shape))}, 1);
    const auto denoiser = model.condition(run.request(), run.denoiser_use(), extra);
    return run.sample(*denoiser, first_latents(run, kept, noise), run.sigmas(), k);
  }

  /// At strength 1 they contain nothing of the image.
  static at::Tensor first_latents(Run& run, const at::Tensor& kept, const at::Tensor& noise) {
    const double sigma = run.sigmas().front();
    if (run.request().options[kStrength] < 1) return kept + noise * sigma;
    return noise * (run.request().initial_noise == InitialNoise::sigma ? sigma : std::sqrt(sigma * sigma + 1));
  }

  static std::vector<int64_t> shape_of(Run& run) {
    return run.model().latents_shape(run.request().width, run.request().height);
  }

  at::Tensor image_, mask_, small_mask_;  // [1,3,H,W], [1,1,H,W], [1,1,h,w] on the model's device
};
}  // namespace

CALOTYPE_PIPELINE_ENTRY(kInfo, Inpaint);
