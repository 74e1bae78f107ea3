#pragma once
#include <calotype/model.h>
#include <calotype/request.h>
#include <calotype/settings.h>

#include <span>
#include <vector>

namespace calotype {

/// The sigmas that a sampler walks over for one image: often one walk, more where it starts again, larger or
/// with another model.
using Passes = std::vector<std::vector<double>>;

/// The chosen scheduler on the model's sigmas.
class Levels {
 public:
  virtual ~Levels() = default;
  /// steps+1 sigmas, falling, the last 0. Throws Error (config) where the scheduler has none for that many steps.
  virtual std::vector<double> sigmas(int steps) const = 0;
  /// What the model was trained on.
  virtual ModelSigmas trained() const = 0;
};

/// What a pipeline works with, lent by the host for one run. Every call may throw Error; one with ErrorCode::cancelled
/// means that the caller wants no more, and goes through the pipeline untouched.
class Run {
 public:
  virtual ~Run() = default;
  virtual const Request& request() const = 0;
  /// Already wrapped by the host: its calls are timed, counted and can be cancelled.
  virtual Model& model() = 0;
  /// The model that takes over at request().refiner_start, wrapped the same; null where there is none.
  virtual Model* refiner() = 0;
  /// What Pipeline::plan gave.
  virtual const Passes& passes() const = 0;
  /// For Model::condition. Its sigmas are those of the first pass and of those that go on where it ends.
  virtual const DenoiserUse& denoiser_use() const = 0;
  /// The first of the passes.
  std::span<const double> sigmas() const { return passes().front(); }
  /// shape [N,...]: for each of N images from `image` on the next numbers of its own generator, so that none depends on
  /// its neighbours: unit normal, float32, on the model's device.
  virtual at::Tensor noise(int image, at::IntArrayRef shape) = 0;
  /// Runs the chosen sampler over the sigmas, from x [N,4,H/8,W/8] at sigma sigmas[0], for N images from `image`
  /// on; its noise comes from their generators.
  virtual at::Tensor sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) = 0;
  /// Hands over a finished image [1,3,H,W], 0 to 1, and the latents [1,4,H/8,W/8] that it was decoded from.
  virtual void finish(int index, const at::Tensor& image, const at::Tensor& latents) = 0;
};

/// A task over any model, scheduler and sampler. Made anew for each run.
class Pipeline {
 public:
  virtual ~Pipeline() = default;
  /// Checks what of the request is this task's business and says what will be walked, before any weight is read. Throws
  /// Error (config) for a request that it cannot follow.
  virtual Passes plan(const Request& request, const Levels& levels) const { return {levels.sigmas(request.steps)}; }
  virtual void run(Run& run) = 0;
};

using PipelineFactory = Pipeline*();

template <class T>
inline constexpr PipelineFactory* kPipelineFactory = []() -> Pipeline* { return new T; };

}  // namespace calotype

/// Offers `type`, a Pipeline, under the names in `info`, a constexpr calotype::Info.
#define CALOTYPE_PIPELINE_ENTRY(info, type)            \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_PIPELINE, 2u, info, ::calotype::note::kHost, &::calotype::kPipelineFactory<type>)
