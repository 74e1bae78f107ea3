#pragma once
#include <calotype/error.h>
#include <calotype/pipeline.h>

#include <span>
#include <vector>

#include "base/error_list.h"
#include "schedule/restart.h"
#include "schedule/scheduler_call.h"

namespace calotype {

/// A config's scheduler on a model's sigmas, for pipelines. Keeps references.
class ChosenSigmas final : public Levels {
 public:
  ChosenSigmas(const calotype_scheduler& scheduler, const ResolvedConfig& config, std::span<const double> trained)
      : scheduler_(scheduler), config_(config), trained_(trained) {}
  std::vector<double> sigmas(int steps) const override {
    const Choice& choice = config_.scheduler;
    const int of_restarts = steps_within(config_.restart), left_out = config_.discard_next_to_last_sigma ? 1 : 0;
    if (steps <= of_restarts)
      throw Error(ErrorCode::config,
                  at_position(config_.restart.place,
                              "restart: " + config_.restart.preset + " takes " + std::to_string(of_restarts) +
                                  " of the steps; want more than these " + std::to_string(steps)));
    try {
      auto out = run_scheduler(scheduler_, choice.entry, choice.settings, steps - of_restarts + left_out, trained_);
      if (left_out) out.erase(out.end() - 2);
      return out;
    } catch (const Error& e) {
      if (e.code() != ErrorCode::config) throw;
      throw Error(e.code(), at_position(choice.place, e.what()) +
                                (left_out ? "; discard_next_to_last_sigma asks it for a step more" : "") +
                                (of_restarts ? "; restart: " + config_.restart.preset + " asks it for " +
                                                   std::to_string(of_restarts) + " steps less"
                                             : ""));
    }
  }
  ModelSigmas trained() const override { return ModelSigmas(trained_); }

 private:
  const calotype_scheduler& scheduler_;
  const ResolvedConfig& config_;
  std::span<const double> trained_;
};

}  // namespace calotype
