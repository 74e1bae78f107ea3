#pragma once
#include <map>
#include <random>
#include <string>
#include <vector>

#include "check/check.h"

namespace calotype::check {

using Values = std::map<std::string, Value>;

/// Each setting of an entry at each end of its range and at each choice, the others at their defaults. At Level::full
/// also combinations: all, or if there are many, some chosen by `seed`.
std::vector<Values> corners(const EntryInfo& entry, Level level, uint64_t seed);

/// Random values for all settings, each within its range.
Values random_values(const EntryInfo& entry, std::mt19937_64& random);

/// The text of values: "rho = 1, range = linspace".
std::string to_text(const Values& values);

/// "20 steps", or "20 steps, rho = 1".
std::string steps_text(uint32_t steps, const Values& values = {});

/// As steps_text, followed by ": ", for the start of a message.
std::string at(uint32_t steps, const Values& values = {});

}  // namespace calotype::check
