#pragma once
#include <calotype/scheduler.h>

#include <cstdio>

#include "spacing.h"

/// The ends of schedules that are a curve between two noise levels.
namespace calotype {

inline constexpr Setting kSigmaMin =
    number("sigma_min", kNotGiven, 1e-6, 1e6, "the noise level before the last 0; where not given, what range says");
inline constexpr Setting kSigmaMax =
    number("sigma_max", kNotGiven, 1e-6, 1e6, "the first noise level; where not given, what range says");
inline constexpr Setting kRange = choice(
    "range", "model", "model|leading|linspace|trailing",
    "model: all the noise levels of the training; else the first and the last of the timesteps that this spacing chooses, "
    "with steps_offset 1, as diffusers' Euler does");

struct SigmaRange {
  double min, max;
};

inline SigmaRange sigma_range(int steps, const NoiseLevels& levels, const Settings& settings) {
  const auto spacing = settings.text(kRange);
  const auto end = [&](int i) { return levels.sigma(spaced_timestep(spacing, i, steps, levels.count(), 1)); };
  const bool all = spacing == "model";
  const double min = settings.value_or(kSigmaMin, all ? levels.sigma_min() : end(steps - 1));
  const double max = settings.value_or(kSigmaMax, all ? levels.sigma_max() : end(0));
  if (min < max || (min == max && steps == 1)) return {min, max};
  char text[80];
  std::snprintf(text, sizeof text, "want sigma_min < sigma_max, got %g and %g", min, max);
  throw Error(text);
}

}  // namespace calotype
