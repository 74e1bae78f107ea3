#include "networks/model/conditioning_schedule.h"

#include <calotype/error.h>

#include "networks/components/step_of.h"

namespace calotype::networks {

ConditioningSchedule::ConditioningSchedule(Unet::Conditioning only) : all_{std::move(only)} {}

ConditioningSchedule::ConditioningSchedule(std::vector<Unet::Conditioning> all, std::vector<size_t> of_step,
                                           std::vector<double> sigmas)
    : all_(std::move(all)), of_step_(std::move(of_step)), sigmas_(std::move(sigmas)) {
  if (all_.size() > 1 && sigmas_.size() != of_step_.size() + 1)
    throw Error(ErrorCode::internal, "sigmas: want " + std::to_string(of_step_.size() + 1) +
                                         " for a prompt that changes over " + std::to_string(of_step_.size()) +
                                         " steps, got " + std::to_string(sigmas_.size()));
}

const Unet::Conditioning& ConditioningSchedule::at(double sigma) const {
  if (all_.size() == 1) return all_.front();
  return all_[of_step_[step_of(sigma, sigmas_)]];
}

}  // namespace calotype::networks
