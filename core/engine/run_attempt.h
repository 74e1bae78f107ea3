#pragma once
#include <calotype/host/plan.h>
#include <calotype/host/run.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/torch_threads.h"
#include "engine/memory_plan.h"
#include "engine/model_cache.h"
#include "engine/progress_monitor.h"
#include "engine/run_state.h"
#include "host/image_writer.h"
#include "loading/library.h"
#include "models/model_sums.h"

namespace calotype {

/// What stays the same in all attempts at a run.
struct RunTask {
  const Plan& plan;
  const RunOptions& options;
  const Placement& placement;
  std::vector<bool> skip;  ///< images whose files were there before and are left alone
  size_t wanted() const;   ///< how many are not
};

/// What there is before the first image: what the plan holds.
Result begun(const RunTask& task, const std::vector<std::string>& fallbacks);

/// One attempt at the images of a plan, with the memory that it is given.
class RunAttempt {
 public:
  /// The models that are kept between runs.
  struct Models {
    ModelCache &first, &refiner;
  };
  /// `before`: the images and fallbacks of the attempts before this one; gets each image that is finished. All must
  /// outlive it.
  RunAttempt(const RunTask& task, const LoadOptions& load, Models models, Libraries& libraries, Result& before);
  RunAttempt(const RunAttempt&) = delete;
  /// Once. Throws Error; images that were finished are written then.
  Result result();

 private:
  void load_models();
  void generate_images();
  /// Images from `first` on that have the same prompts, at once; gives the first of the others.
  int generate_group(int first);
  /// How many images from `first` on have the same prompts and are wanted, as a request.
  Request group_from(int first) const;
  void finish(int index, Image image, const at::Tensor& latents);
  GeneratedImage generated(int index, Image image);
  /// Reports an image whose file is written.
  void report(GeneratedImage image);
  void write_latents();
  void take_warnings();
  void measure();
  double seconds() const;

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const RunTask& task_;
  const Plan& plan_;
  const ResolvedConfig& config_;
  const LoadOptions load_;
  const Models models_;
  Libraries& libraries_;
  Result& before_;
  Result result_;
  const uint64_t mark_;  // the process' highest memory before
  const TorchThreads threads_;
  ProgressMonitor watch_;
  Model *model_ = nullptr, *refiner_ = nullptr;
  std::optional<ModelSums> sums_;
  ImageWriter writer_;
  size_t generated_ = 0;
  double started_ = 0;  // when the image that is being generated was begun
  std::vector<at::Tensor> latents_;
};

}  // namespace calotype
