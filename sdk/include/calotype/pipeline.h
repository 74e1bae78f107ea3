#pragma once
#include <calotype/model.h>
#include <calotype/request.h>
#include <calotype/settings.h>

namespace calotype {

/// What a pipeline works with, lent by the host for one run. Every call may throw Error; one with ErrorCode::cancelled
/// means that the caller wants no more, and goes through the pipeline untouched.
class Run {
 public:
  virtual ~Run() = default;
  virtual const Request& request() const = 0;
  /// Already wrapped by the host: its calls are timed, counted and can be cancelled.
  virtual Model& model() = 0;
  /// steps+1 sigmas of the chosen scheduler.
  virtual std::span<const double> sigmas() const = 0;
  /// The next numbers of image k's own generator: unit normal, float32, on the model's device.
  virtual at::Tensor noise(int image, at::IntArrayRef shape) = 0;
  /// Runs the chosen sampler over the sigmas, from x at noise level sigmas[0]; its noise comes from image k's generator.
  virtual at::Tensor sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) = 0;
  /// Hands over a finished picture [1,3,H,W], 0 to 1, and the latents [1,4,H/8,W/8] that it was decoded from.
  virtual void finish(int image, const at::Tensor& picture, const at::Tensor& latents) = 0;
};

/// A task over any model, scheduler and sampler. Made anew for each run.
class Pipeline {
 public:
  virtual ~Pipeline() = default;
  virtual void run(Run& run) = 0;
};

using PipelineFactory = Pipeline*();

template <class T>
inline constexpr PipelineFactory* kPipelineFactory = []() -> Pipeline* { return new T; };

}  // namespace calotype

/// Offers `type`, a Pipeline, under the names in `info`, a constexpr calotype::Info.
#define CALOTYPE_PIPELINE_ENTRY(info, type) \
  CALOTYPE_ENTRY(CALOTYPE_PIPELINE, 2u, info, ::calotype::note::kHost, &::calotype::kPipelineFactory<type>)
