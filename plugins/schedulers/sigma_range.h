#pragma once
#include <calotype/scheduler.h>

#include <cstdio>

#include "schedulers/spacing.h"

/// The ends of schedules that are a curve between two sigmas.
namespace calotype {

inline constexpr Setting kSigmaMin =
    number("sigma_min", kNotGiven, 1e-6, 1e6,
           "the sigma that the curve ends at, before the last 0; absent: the model's smallest");
inline constexpr Setting kSigmaMax =
    number("sigma_max", kNotGiven, 1e-6, 1e6, "the first sigma; absent: the model's largest");
inline constexpr Setting kRange =
    choice("range", "model", "model|leading|linspace|trailing",
           "where sigma_min and sigma_max are absent. model: all the sigmas of the training; else the first and the "
           "last of the "
           "timesteps that this spacing chooses, with steps_offset 1, as diffusers' Euler does");

struct SigmaRange {
  double min, max;
};

inline SigmaRange checked_range(int steps, double min, double max) {
  if (min < max || (min == max && steps == 1)) return {min, max};
  char text[80];
  std::snprintf(text, sizeof text, "want sigma_min < sigma_max, got %g and %g", min, max);
  throw Error(text);
}

/// Of an entry with the settings sigma_min and sigma_max.
inline SigmaRange model_range(int steps, const ModelSigmas& levels, const Settings& settings) {
  return checked_range(steps, settings.value_or(kSigmaMin, levels.sigma_min()),
                       settings.value_or(kSigmaMax, levels.sigma_max()));
}

/// Of an entry with the setting sigma_max alone, whose curve has its last 0 in the place of the model's smallest noise
/// level.
inline SigmaRange range_to_least(int steps, const ModelSigmas& levels, const Settings& settings) {
  return checked_range(steps, levels.sigma_min(), settings.value_or(kSigmaMax, levels.sigma_max()));
}

/// Of an entry with the setting range besides, which gives every number of steps other ends.
inline SigmaRange chosen_range(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto spacing = settings.text(kRange);
  if (spacing == "model") return model_range(steps, levels, settings);
  const double ends[] = {levels.sigma(spaced_timestep(spacing, steps - 1, steps, levels.count(), 1)),
                         levels.sigma(spaced_timestep(spacing, 0, steps, levels.count(), 1))};
  return model_range(steps, ModelSigmas(ends), settings);
}

}  // namespace calotype
