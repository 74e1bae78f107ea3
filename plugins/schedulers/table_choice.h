#pragma once
#include <calotype/scheduler.h>

#include <span>

namespace calotype {

/// Schedules that are a table have one for each model that they were optimized for.
inline constexpr Setting kTable = choice("table", "sdxl", "sdxl|sd15", "the model whose optimized sigmas these are");

inline std::span<const double> chosen(const Settings& settings, std::span<const double> sdxl,
                                      std::span<const double> sd15) {
  return settings.text(kTable) == "sdxl" ? sdxl : sd15;
}

}  // namespace calotype
