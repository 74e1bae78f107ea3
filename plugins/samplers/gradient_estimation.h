#pragma once
#include <calotype/info.h>

namespace calotype {

inline constexpr Setting kGamma =
    number("gamma", 2, 1, 5, "extrapolation of the slope by its last change; 1: none, as euler; 2: as in the paper");

}  // namespace calotype
