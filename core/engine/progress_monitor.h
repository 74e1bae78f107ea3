#pragma once
#include <calotype/host/entry.h>
#include <calotype/host/run.h>
#include <calotype/model.h>

#include <chrono>
#include <functional>
#include <memory>

#include "engine/returned.h"

namespace calotype {

/// Seconds of each phase, model evaluations, progress and cancellation of one run. No pipeline or sampler knows of it.
class ProgressMonitor {
 public:
  /// @param loader  of the model: what its code throws comes out as an Error that names it. All must outlive the run.
  ProgressMonitor(const RunOptions& options, Statistics& statistics, const EntryInfo& loader)
      : options_(options), statistics_(statistics), loader_(loader) {}

  /// Runs `body` as a phase: reports that it begins and adds its time, with the device's work done.
  void phase(Phase phase, const at::Device& device, const std::function<void()>& body);
  /// Samples in `body`. `again`: the same image as the last time, whose calls go on being counted.
  void sampling(Progress start, bool again, const at::Device& device, const std::function<void()>& body);
  /// The model that shows what is being generated; it must outlive the run.
  void set_shown_by(Model& model) { shown_by_ = &model; }
  /// What is done before each model evaluation.
  void set_between_calls(std::function<void()> body) { between_calls_ = std::move(body); }
  /// Runs one model evaluation.
  void call(const at::Device& device, const std::function<void()>& body);
  /// Shows what a model evaluation has just made, where the caller wants to see it.
  void preview(const at::Tensor& denoised) const;
  /// Throws Error (cancelled) when the caller asked to stop.
  void check_stop() const;

 private:
  void report();
  /// The kernel keeps the highest value of a process, not of a run.
  void see_memory();
  const RunOptions& options_;
  Statistics& statistics_;
  const EntryInfo& loader_;
  Model* shown_by_ = nullptr;
  std::function<void()> between_calls_;
  Progress progress_;
  double image_seconds_ = 0;
};

/// `model` with every call watched, and all that it returns looked at before anybody uses it: an Error names its
/// loader. All must outlive it.
std::unique_ptr<Model> watched(Model& model, const EntryInfo& loader, const Origin& origin, ProgressMonitor& watch);

}  // namespace calotype
