#pragma once
#include <calotype/model.h>

#include <chrono>
#include <functional>
#include <memory>

#include <calotype/host/run.h>

namespace calotype {

/// Seconds of each phase, model calls, progress and cancellation of one run. No pipeline or sampler knows of it.
class Watch {
 public:
  Watch(const RunOptions& options, Statistics& statistics) : options_(options), statistics_(statistics) {}

  /// Runs `body` as a phase: says that it begins and adds its time, with the device's work done.
  void phase(Phase phase, const at::Device& device, const std::function<void()>& body);
  /// Samples image `image` of `images`, which takes `calls` model calls, in `body`.
  void sampling(int image, int images, int calls, const at::Device& device, const std::function<void()>& body);
  /// Runs one model call.
  void call(const at::Device& device, const std::function<void()>& body);
  /// Throws Error (cancelled) when the caller asked to stop.
  void check_stop() const;

 private:
  void report();
  const RunOptions& options_;
  Statistics& statistics_;
  Progress progress_;
  double image_seconds_ = 0;
};

/// `model` with every call watched. Both must outlive it.
std::unique_ptr<Model> watched(Model& model, Watch& watch);
/// The same for a denoiser.
std::unique_ptr<Denoiser> watched(std::unique_ptr<Denoiser> denoiser, const at::Device& device, Watch& watch);

}  // namespace calotype
