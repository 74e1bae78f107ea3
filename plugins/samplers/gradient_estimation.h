#pragma once
#include <calotype/info.h>

namespace calotype {

inline constexpr Setting kGamma =
    number("gamma", 2, 1, 5, "how far the slope is carried on beyond its last change; 1 is euler, 2 the paper's");

}  // namespace calotype
