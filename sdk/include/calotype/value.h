#pragma once
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace calotype {

/// The value of a setting that is a list of numbers. A type of its own, because GCC 12 assumes of a variant of standard
/// types that no copy throws, and a copy can run out of memory.
struct Numbers : std::vector<double> {
  using std::vector<double>::vector;
  Numbers(std::vector<double> numbers) : std::vector<double>(std::move(numbers)) {}
};

/// The value of a setting: boolean, number (also an integer), text or numbers; monostate if a setting without default
/// is not given.
using Value = std::variant<std::monostate, bool, double, std::string, Numbers>;

}  // namespace calotype
