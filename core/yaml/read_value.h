#pragma once
#include <calotype/host/entry.h>
#include <calotype/request.h>

#include "yaml/yaml.h"

namespace calotype {

/// What a value must be, for config keys and plugin settings.
struct Wanted {
  std::string name;  ///< the name in messages: "scheduler.rho"
  const SettingInfo& info;
  int multiple_of = 1;  ///< the range of an integer
};

inline constexpr double kLargestExact = 0x1p53 - 1;  ///< the range of an integer that a plugin gets as a double

/// The wanted value, for messages: "an integer from 1 to 1000".
std::string describe(const Wanted& wanted);
/// The value of a node, for messages: "\"abc\"", "\"7\" in quotes", "a list", "nothing".
std::string describe(const yaml::Node& got);
/// Throws Error (config): POSITION: NAME: want WHAT, got NODE
[[noreturn]] void fail_unwanted(const yaml::Node& got, const std::string& name, const std::string& what);

/// Throws Error (config): POSITION: [WHOSE: ]unknown key "NAME"; did you mean ...
[[noreturn]] void fail_unknown_key(const yaml::Node& key, const std::string& whose,
                                   const std::vector<std::string>& known, const std::string& rest = {});

/// The value of a required key of a section. Throws Error (config) if it is missing.
const yaml::Node& want_key(const yaml::Node& section, const std::string& section_name, const std::string& key);

/// Each of these throws Error (config) unless the node is exactly what is wanted, in its range.
bool read_boolean(const yaml::Node& node, const Wanted& wanted);
int64_t read_integer(const yaml::Node& node, const Wanted& wanted);
double read_number(const yaml::Node& node, const Wanted& wanted);
std::string read_text(const yaml::Node& node, const Wanted& wanted);
/// The chosen word, one of info.choices.
size_t read_choice(const yaml::Node& node, const Wanted& wanted);
std::vector<double> read_numbers(const yaml::Node& node, const Wanted& wanted);
/// As many integers as there are names of them in wanted.info.choices: "height", "width".
std::vector<double> read_integers(const yaml::Node& node, const Wanted& wanted);
/// A text that is not empty, such as an id or a path.
std::string read_name(const yaml::Node& node, const std::string& name, const std::string& what);
/// The value of a plugin's setting, by its type.
Value read_value(const yaml::Node& node, const Wanted& wanted);

}  // namespace calotype
