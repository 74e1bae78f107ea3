#pragma once
#include <calotype/pipeline.h>

#include <span>
#include <vector>

#include "schedule.h"

namespace calotype {

/// A chosen scheduler on a model's noise levels, for pipelines. Keeps references.
class ChosenLevels final : public Levels {
 public:
  ChosenLevels(const calotype_scheduler& scheduler, const Choice& choice, std::span<const double> trained)
      : scheduler_(scheduler), choice_(choice), trained_(trained) {}
  std::vector<double> sigmas(int steps) const override {
    return run_scheduler(scheduler_, choice_.entry, choice_.settings, steps, trained_);
  }
  NoiseLevels trained() const override { return NoiseLevels(trained_); }

 private:
  const calotype_scheduler& scheduler_;
  const Choice& choice_;
  std::span<const double> trained_;
};

}  // namespace calotype
