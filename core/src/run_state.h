#pragma once
#include <calotype/pipeline.h>

#include <map>

#include "noise_source.h"
#include "restart.h"
#include "sampling.h"
#include "watch.h"

namespace calotype {

struct Plan;

/// The sampler of a run.
struct SolverChoice {
  const calotype_sampler* sampler;
  const EntryInfo& entry;
  const std::map<std::string, Value>& settings;
  std::string_view noise;  ///< kind of NoiseSource
  const Restart& restart;
};

/// What a pipeline works with in one run: see calotype::Run.
class RunState final : public Run {
 public:
  /// What is done with a finished picture: its latents are [1,4,H/8,W/8] on the CPU.
  using Finish = std::function<void(int image, Image picture, const at::Tensor& latents)>;
  /// All references must outlive the run.
  RunState(const Request& request, const Walks& walks, int model_calls, Model& model, SolverChoice solver, Watch& watch, Finish finish);

  /// The second model of the run; it must outlive it.
  void set_refiner(Model& refiner) { refiner_ = watched(refiner, watch_); }
  /// What is said where no numbers come out: the type that is computed in, and the paths of the models.
  void set_origin(const std::string& dtype, const std::string& models) { dtype_ = dtype, models_ = models; }
  /// Image 0 of the request is image `first` of `images`, to those who watch.
  void set_place(int first, int images) { first_ = first, images_ = images; }

  const Request& request() const override { return request_; }
  Model& model() override { return *model_; }
  Model* refiner() override { return refiner_.get(); }
  const Walks& walks() const override { return walks_; }
  at::Tensor noise(int image, at::IntArrayRef shape) override;
  at::Tensor sample(Denoiser& denoiser, const at::Tensor& x, std::span<const double> sigmas, int image) override;
  void finish(int image, const at::Tensor& picture, const at::Tensor& latents) override;

 private:
  /// What `draw` gives for each image's own source.
  template <class Draw>
  at::Tensor noise_of(int image, at::IntArrayRef shape, Draw&& draw);
  bool is_widest() const { return dtype_ == "float32"; }
  [[noreturn]] void fail_without_numbers(const std::string& what, const std::string& otherwise) const;
  const Request& request_;
  const Walks& walks_;
  int model_calls_;
  at::Device device_;
  SolverChoice solver_;
  Watch& watch_;
  Finish finish_;
  std::unique_ptr<Model> model_, refiner_;
  std::map<int, NoiseSource> sources_;
  std::string dtype_, models_;
  int first_ = 0, images_;
  int walked_ = -1;  // the image that was sampled last
};

}  // namespace calotype
