#pragma once
#include <calotype/model.h>
#include <calotype/request.h>
#include <calotype/settings.h>

#include <span>
#include <vector>

namespace calotype {

/// The sigmas of each pass of one image. An image has one pass, or several with a refiner or `hires`.
using Passes = std::vector<std::vector<double>>;

/// The chosen scheduler, applied to the model's sigmas.
class Levels {
 public:
  virtual ~Levels() = default;
  /// steps+1 sigmas, strictly falling, the last one 0. Throws Error (config) if the scheduler has no answer for this
  /// number of steps.
  virtual std::vector<double> sigmas(int steps) const = 0;
  /// The sigmas that the model was trained on.
  virtual ModelSigmas trained() const = 0;
};

/// What the host lends to a pipeline for one run. Every call may throw Error. Let an Error with ErrorCode::cancelled
/// through: the caller cancelled the run.
class Run {
 public:
  virtual ~Run() = default;
  /// What to generate.
  virtual const Request& request() const = 0;
  /// The model. The host has wrapped it: it times and counts the calls and can cancel them.
  virtual Model& model() = 0;
  /// The model that takes over at request().refiner_start, wrapped in the same way; null if there is none.
  virtual Model* refiner() = 0;
  /// What Pipeline::plan returned.
  virtual const Passes& passes() const = 0;
  /// For Model::condition. Its sigmas are those of the first pass and of the passes that continue where it ends.
  virtual const DenoiserUse& denoiser_use() const = 0;
  /// The sigmas of the first pass.
  std::span<const double> sigmas() const { return passes().front(); }
  /// Standard normal noise of shape [N,...], float32, on the model's device, for N images from number `image` on. Each
  /// image has its own generator and gets the next numbers of it, so no image depends on its neighbours.
  virtual at::Tensor noise(int image, at::IntArrayRef shape) = 0;
  /// Runs the chosen sampler over `sigmas`, for N images from number `image` on, and returns clean latents. x:
  /// [N,C,h,w] float32 with noise of sigmas[0]. The sampler's noise comes from the images' generators.
  virtual at::Tensor sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) = 0;
  /// Hands a finished image to the host: [1,3,H,W] with values from 0 to 1, and the latents [1,C,h,w] from which it
  /// was decoded.
  virtual void finish(int index, const at::Tensor& image, const at::Tensor& latents) = 0;
};

/// A task for any model, scheduler and sampler. The host makes an object for each run.
class Pipeline {
 public:
  virtual ~Pipeline() = default;
  /// Checks the request as far as this task is concerned, and plans the passes, before any weight is read. Throws Error
  /// (config) for a request that the task cannot fulfil.
  virtual Passes plan(const Request& request, const Levels& levels) const { return {levels.sigmas(request.steps)}; }
  /// The request at the largest size at which `run` generates, for the prediction of memory.
  virtual Request largest(const Request& request) const { return request; }
  /// Generates the images of the request and calls Run::finish for each.
  virtual void run(Run& run) = 0;
};

using PipelineFactory = Pipeline*();

template <class T>
inline constexpr PipelineFactory* kPipelineFactory = []() -> Pipeline* { return new T; };

}  // namespace calotype

/// Offers `type`, a Pipeline, with the manifest `info`, a constexpr calotype::Info.
#define CALOTYPE_PIPELINE_ENTRY(info, type)            \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_PIPELINE, 2u, info, ::calotype::note::kHost, &::calotype::kPipelineFactory<type>)
