#pragma once
#include <calotype/host/run.h>

#include <chrono>

namespace calotype::cli {

/// A line on standard error that is printed again and again: phase, bar, model evaluations, rate, time left. Nothing
/// where standard error is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ~ProgressBar();
  void show(const Progress& progress);
  /// Removes the line, so that other text may be written.
  void clear();

 private:
  bool on_;
  bool printed_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace calotype::cli
