#pragma once
#include <map>
#include <random>
#include <string>
#include <vector>

#include "check/check.h"

namespace calotype::check {

using Values = std::map<std::string, Value>;

/// Each setting of an entry at each end of its range and at each of its choices, the others at their defaults; at
/// Level::full also such values together, all of them or, where they are many, some by `seed`.
std::vector<Values> corners(const EntryInfo& entry, Level level, uint64_t seed);

/// Every setting somewhere within its range.
Values drawn(const EntryInfo& entry, std::mt19937_64& random);

/// "rho = 1, range = linspace"
std::string to_text(const Values& values);

/// "20 steps" or "20 steps, rho = 1"
std::string steps_text(uint32_t steps, const Values& values = {});

/// The same with ": " behind it, where a message begins.
std::string at(uint32_t steps, const Values& values = {});

}  // namespace calotype::check
