// An image in which the masked part is drawn anew. A model of 4 input channels is held to the rest at every step: what
// it sees there is the image with that step's noise, what it says there the image (Lugmayr et al. 2022, "RePaint",
// arXiv:2201.09865, without its resampling). A model of 9 was trained for it and sees the mask and what is kept.
// For Euler's method that is what diffusers does between its steps, and it holds for every other sampler too.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <calotype/image_tensor.h>

#include <cmath>

#include "masked_image.h"
#include "passes.h"
#include "task.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "inpaint", .aliases = {"inpainting"}, .summary = "An image with a part of it drawn anew"};

/// mask * anew + (1 - mask) * kept
at::Tensor blended(const at::Tensor& anew, const at::Tensor& kept, const at::Tensor& mask) {
  return anew * mask + kept * (1 - mask);
}

/// Holds another denoiser to the image outside of the mask.
class BlendedDenoiser final : public Denoiser {
 public:
  /// mask [1,1,h,w]; latents of the image and their noise [1,4,h,w]; the sigma of the first step, whose x is
  /// whole.
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
    MaskedImage{request};  // says what is wrong with the mask
    return {last_steps(levels.sigmas(request.steps), request.strength, "strength")};
  }

  void run(Run& run) override {
    const Request& request = run.request();
    const MaskedImage job(request);
    Model& model = run.model();
    image_ = job.image().to(model.device());
    mask_ = job.mask().to(model.device());
    const int64_t factor = request.height / model.latents_shape(request.width, request.height)[2];
    small_mask_ =
        mask_.slice(2, 0, request.height, factor).slice(3, 0, request.width, factor);  // each from the nearest
    const bool is_trained_for_it = model.input_channels() > 4;
    const auto denoiser = is_trained_for_it ? nullptr : model.condition(request, run.denoiser_use());
    for (int k = 0; k < request.images; ++k) {
      const at::Tensor latents = is_trained_for_it ? drawn_by_channels(run, k) : drawn_by_blending(run, *denoiser, k);
      run.finish(k, job.finished(model.decode(latents)), latents);
    }
  }

 private:
  /// Random numbers in diffusers' order, so that a sampler's own are the same: its third ones go into latents of the
  /// masked image, which such a model never sees.
  at::Tensor drawn_by_blending(Run& run, Denoiser& denoiser, int k) const {
    const auto shape = shape_of(run);
    const at::Tensor kept = run.model().encode(image_, run.noise(k, shape)), noise = run.noise(k, shape);
    run.noise(k, shape);
    BlendedDenoiser held(denoiser, small_mask_, kept, noise, run.sigmas().front());
    return blended(run.sample(held, first_latents(run, kept, noise), run.sigmas(), k), kept, small_mask_);
  }

  at::Tensor drawn_by_channels(Run& run, int k) const {
    const auto shape = shape_of(run);
    Model& model = run.model();
    at::Tensor kept;
    if (run.request().strength < 1) kept = model.encode(image_, run.noise(k, shape));
    const at::Tensor noise = run.noise(k, shape);
    const at::Tensor gray = image_ * (1 - mask_) + 0.5 * mask_;
    const at::Tensor extra = at::cat({small_mask_, model.encode(gray, run.noise(k, shape))}, 1);
    const auto denoiser = model.condition(run.request(), run.denoiser_use(), extra);
    return run.sample(*denoiser, first_latents(run, kept, noise), run.sigmas(), k);
  }

  /// At full strength nothing of the image is in them.
  static at::Tensor first_latents(Run& run, const at::Tensor& kept, const at::Tensor& noise) {
    const double sigma = run.sigmas().front();
    if (run.request().strength < 1) return kept + noise * sigma;
    return noise * (run.request().initial_noise == InitialNoise::sigma ? sigma : std::sqrt(sigma * sigma + 1));
  }

  static std::vector<int64_t> shape_of(Run& run) {
    return run.model().latents_shape(run.request().width, run.request().height);
  }

  at::Tensor image_, mask_, small_mask_;  // [1,3,H,W], [1,1,H,W], [1,1,h,w] on the model's device
};
}  // namespace

CALOTYPE_PIPELINE_ENTRY(kInfo, Inpaint);
