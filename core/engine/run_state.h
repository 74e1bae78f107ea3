#pragma once
#include <calotype/pipeline.h>

#include <map>
#include <set>

#include "engine/progress_monitor.h"
#include "engine/sampler_call.h"
#include "noise/noise_source.h"
#include "schedule/restart.h"

namespace calotype {

struct Plan;

/// The sampler of a run.
struct SolverChoice {
  const calotype_sampler* sampler;
  const EntryInfo& entry;
  const std::map<std::string, Value>& settings;
  NoiseKind noise;
  const Restart& restart;
};

/// The plugins of tier 2 of a run.
struct RunPlugins {
  const EntryInfo &loader, &refiner_loader, &pipeline;
};

/// What a pipeline works with in one run: see calotype::Run. All that it gives, or its models return, is looked at
/// where it comes in.
class RunState final : public Run {
 public:
  /// What is done with a finished image: its latents are [1,C,h,w] on the CPU.
  using Finish = std::function<void(int index, Image image, const at::Tensor& latents)>;
  /// All references must outlive the run.
  RunState(const Request& request, const Passes& passes, int model_evaluations, Model& model, RunPlugins plugins,
           SolverChoice solver, ProgressMonitor& watch, Finish finish);

  /// The second model of the run; it must outlive it.
  void set_refiner(Model& refiner) { refiner_ = watched(refiner, plugins_.refiner_loader, origin_, watch_); }
  void set_origin(Origin origin) { origin_ = std::move(origin); }
  /// Image 0 of the request is image `first` of `images`, to those who watch.
  void set_position(int first, int images) { first_ = first, images_ = images; }

  const Request& request() const override { return request_; }
  Model& model() override { return *model_; }
  Model* refiner() override { return refiner_.get(); }
  const Passes& passes() const override { return passes_; }
  const DenoiserUse& denoiser_use() const override { return use_; }
  at::Tensor noise(int image, at::IntArrayRef shape) override;
  at::Tensor sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) override;
  void finish(int index, const at::Tensor& image, const at::Tensor& latents) override;
  /// After the pipeline has run: throws Error where it has not finished each image.
  void check_finished() const;

 private:
  /// What `sample` gives for each image's own source.
  template <class Sample>
  at::Tensor noise_of(int image, at::IntArrayRef shape, Sample&& sample);
  /// What comes out of a denoiser that may be the pipeline's own.
  const at::Tensor& denoised(const at::Tensor& out, const at::Tensor& x) const;
  /// Keeps of an evaluation whether its numbers are finite, without waiting for the device.
  void see(const at::Tensor& x, const at::Tensor& out) { sums_.emplace_back(x.sum(), out.sum()); }
  /// Throws for latents that are no numbers: whoever returned the first of them is named, the sampler or the model.
  [[noreturn]] void fail_sampled() const;
  /// Where it may lie: on the CPU, or on the model's device.
  at::Device device_of(const at::Tensor& finished) const;
  const Request& request_;
  const Passes& passes_;
  const DenoiserUse use_;
  int model_calls_;
  at::Device device_;
  SolverChoice solver_;
  ProgressMonitor& watch_;
  Finish finish_;
  RunPlugins plugins_;
  Origin origin_;
  std::unique_ptr<Model> model_, refiner_;
  std::map<int, NoiseSource> sources_;
  std::set<int> finished_;
  std::vector<std::pair<at::Tensor, at::Tensor>>
      sums_;  // of each evaluation of the pass: of what went in, and came out
  int first_ = 0, images_;
  int last_sampled_ = -1;  // the image that was sampled last
};

}  // namespace calotype
