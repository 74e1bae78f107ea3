#pragma once
#include <vector>

#include "networks/components/unet.h"

namespace calotype::networks {

/// Conditionings that take turns over the steps of a run.
class ConditioningSchedule {
 public:
  /// The same for all steps.
  ConditioningSchedule(Unet::Conditioning only);
  /// of_step: which of `all` each step takes; sigmas: one more than steps, falling. Throws Error (internal) where they
  /// do not belong together and there is more than one to choose from.
  ConditioningSchedule(std::vector<Unet::Conditioning> all, std::vector<size_t> of_step, std::vector<double> sigmas);

  /// That of step_of(sigma).
  const Unet::Conditioning& at(double sigma) const;

 private:
  std::vector<Unet::Conditioning> all_;
  std::vector<size_t> of_step_;
  std::vector<double> sigmas_;
};

}  // namespace calotype::networks
