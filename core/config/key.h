#pragma once
#include <calotype/host/resolved_config.h>
#include <calotype/json.h>

#include <functional>
#include <string>
#include <vector>

#include "yaml/read_value.h"

namespace calotype {

struct ConfigTree;

/// One key of a config. Its reading, the checks, their messages, the record in a PNG, what a GenerateRequest gives, the
/// JSON Schema, the completion and the docs all come from here.
struct Key {
  SettingInfo info;           ///< the name has a dot where the key stands in a section: "model.path"
  int multiple_of = 1;        ///< of integers
  bool is_shorthand = false;  ///< the section may be written as this value alone
  bool is_list = false;       ///< a list of such values will do too
  bool is_declared = false;   ///< by a loader or pipeline; its member is in Request::options
  bool is_name = false;       ///< of texts: a path, an id or the like, which may not be empty
  std::string wants{};        ///< a key without which this one would be ignored, and is refused
  std::string
      pattern{};  ///< of texts: what one must look like, for the JSON Schema; the code that reads it checks more
  std::vector<std::string> offered{};  ///< of texts: what completion offers

  // Of the member of a config that the key gives. Where there is none, these are empty: the key decides which model,
  // entry or file, and has code of its own in resolve.cpp.
  /// Reads a value into the member; throws Error (config, no_input) with its position.
  std::function<void(const ConfigTree&, const yaml::Node&, const Wanted&, ResolvedConfig&)> read{};
  /// The member's value; null where there is none.
  std::function<JsonValue(const SettingInfo&, const ResolvedConfig&)> value{};
  /// Whether the member is as in a plain config.
  std::function<bool(const ResolvedConfig&)> is_default{};
  /// Whether the record of a config has the key.
  std::function<bool(const ResolvedConfig&)> is_recorded{};
};

}  // namespace calotype
