#pragma once
#include <calotype/scheduler.h>

#include <cstdio>

#include "schedulers/spacing.h"

/// The first and last sigma of schedules that are a curve between two sigmas.
namespace calotype {

inline constexpr Setting kSigmaMin =
    number("sigma_min", kNotGiven, 1e-6, 1e6, "last sigma above 0; absent: the model's smallest");
inline constexpr Setting kSigmaMax =
    number("sigma_max", kNotGiven, 1e-6, 1e6, "first sigma; absent: the model's largest");
inline constexpr Setting kRange = choice(
    "range", "model", "model|leading|linspace|trailing",
    "sigma_max and sigma_min if absent. model: the model's largest and smallest sigma; else the sigmas of the first "
    "and the last timestep of this spacing, with steps_offset 1, as in diffusers' Euler");

struct SigmaRange {
  double min, max;
};

inline SigmaRange checked_range(int steps, double min, double max) {
  if (min < max || (min == max && steps == 1)) return {min, max};
  char text[80];
  std::snprintf(text, sizeof text, "want sigma_min < sigma_max, got %g and %g", min, max);
  throw Error(text);
}

/// For an entry with the settings sigma_min and sigma_max.
inline SigmaRange model_range(int steps, const ModelSigmas& levels, const Settings& settings) {
  return checked_range(steps, settings.value_or(kSigmaMin, levels.sigma_min()),
                       settings.value_or(kSigmaMax, levels.sigma_max()));
}

/// For an entry with the setting sigma_max only, whose curve has the final 0 instead of the model's smallest sigma.
inline SigmaRange range_to_least(int steps, const ModelSigmas& levels, const Settings& settings) {
  return checked_range(steps, levels.sigma_min(), settings.value_or(kSigmaMax, levels.sigma_max()));
}

/// For an entry that also has the setting range, which makes the ends depend on the number of steps.
inline SigmaRange chosen_range(int steps, const ModelSigmas& levels, const Settings& settings) {
  const auto spacing = settings.text(kRange);
  if (spacing == "model") return model_range(steps, levels, settings);
  const double ends[] = {levels.sigma(spaced_timestep(spacing, steps - 1, steps, levels.count(), 1)),
                         levels.sigma(spaced_timestep(spacing, 0, steps, levels.count(), 1))};
  return model_range(steps, ModelSigmas(ends), settings);
}

}  // namespace calotype
