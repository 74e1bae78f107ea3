// Every (T/n)th training sigma, from the highest: nothing to tune. Not the best at any number of steps.
//
//   sigma_i = S[T - 1 - floor(i T/n)],   i = 0 .. n-1;   sigma_n = 0
//
// S: the model's T training sigmas. ComfyUI, "simple".
#include <calotype/scheduler.h>

#include "schedulers/falling.h"

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "simple",
                     .aliases = {"linear"},
                     .label = "Simple",
                     .summary = "every (1000/steps)th training sigma; safe, but not the best at any number of steps",
                     .citation = "ComfyUI, simple",
                     .origin = "ComfyUI",
                     .category = "Basic",
                     .best_for = "general",
                     .steps = {20, 50},
                     .pairs_with = "euler"};

std::vector<double> simple(int steps, const ModelSigmas& levels, const Settings&) {
  return falling_to_zero(
      steps, [&](int i, int n) { return levels.sigmas()[levels.count() - 1 - int(i * (double(levels.count()) / n))]; },
      "with more, some sigma of the training is chosen twice");
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, simple);
