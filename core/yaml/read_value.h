#pragma once
#include <calotype/host/entry.h>
#include <calotype/request.h>

#include "yaml/yaml.h"

namespace calotype {

/// What a value must be, for the keys of a config and the settings of plugins alike.
struct Wanted {
  std::string name;  ///< as messages name it: "scheduler.rho"
  const SettingInfo& info;
  int multiple_of = 1;  ///< of integers
};

inline constexpr double kLargestExact = 0x1p53 - 1;  ///< of the integers that a plugin sees as a double

/// "an integer from 1 to 1000"
std::string describe(const Wanted& wanted);
/// "\"abc\"", "\"7\" in quotes", "a list", "nothing"
std::string describe(const yaml::Node& got);
/// Throws Error (config): PLACE: NAME: want WHAT, got NODE
[[noreturn]] void fail_unwanted(const yaml::Node& got, const std::string& name, const std::string& what);

/// Throws Error (config): PLACE: [WHOSE: ]unknown key "NAME"; did you mean ...
[[noreturn]] void fail_unknown_key(const yaml::Node& key, const std::string& whose,
                                   const std::vector<std::string>& known, const std::string& rest = {});

/// The value of a key that a section must have. Throws Error (config) where it has not.
const yaml::Node& want_key(const yaml::Node& section, const std::string& section_name, const std::string& key);

/// Each throws Error (config) for whatever is not exactly what is wanted, in its range.
bool read_boolean(const yaml::Node& node, const Wanted& wanted);
int64_t read_integer(const yaml::Node& node, const Wanted& wanted);
double read_number(const yaml::Node& node, const Wanted& wanted);
std::string read_text(const yaml::Node& node, const Wanted& wanted);
/// Which of info.choices.
size_t read_choice(const yaml::Node& node, const Wanted& wanted);
std::vector<double> read_numbers(const yaml::Node& node, const Wanted& wanted);
/// Two integers; wanted.info.choices names them: "height", "width".
Size read_pair(const yaml::Node& node, const Wanted& wanted);
/// A text that is not empty: an id, a path.
std::string read_name(const yaml::Node& node, const std::string& name, const std::string& what);
/// Of a plugin's setting, by its type.
Value read_value(const yaml::Node& node, const Wanted& wanted);

}  // namespace calotype
