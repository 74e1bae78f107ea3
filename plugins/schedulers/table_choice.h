#pragma once
#include <calotype/scheduler.h>

#include <span>

namespace calotype {

/// A schedule that is a table has one for each model for which it was optimized.
inline constexpr Setting kTable = choice("table", "sdxl", "sdxl|sd15", "model for which the sigmas were optimized");

inline std::span<const double> chosen(const Settings& settings, std::span<const double> sdxl,
                                      std::span<const double> sd15) {
  return settings.text(kTable) == "sdxl" ? sdxl : sd15;
}

}  // namespace calotype
