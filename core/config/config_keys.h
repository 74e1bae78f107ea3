#pragma once
#include <calotype/host/resolved_config.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace calotype {

/// Where the value of a key goes. Nothing: it decides which model, entry or file, and has code of its own in
/// resolve.cpp.
using Target =
    std::variant<std::monostate, bool Request::*, int Request::*, uint64_t Request::*, double Request::*,
                 std::string Request::*, std::optional<uint64_t> Request::*, std::optional<std::string> Request::*,
                 std::optional<Size> Request::*, InitialNoise Request::*, PromptSyntax Request::*,
                 std::optional<Resize> Request::*, Upscale Request::*, CudaGraphs Request::*,
                 std::string ResolvedConfig::*, bool ResolvedConfig::*>;

/// One key of a config. The checks, their messages, the record in a PNG, the JSON Schema and the docs all come from
/// here.
struct Key {
  SettingInfo info;  ///< the name has a dot where the key stands in a section: "model.path"
  Target target{};
  int multiple_of = 1;        ///< of integers
  bool is_shorthand = false;  ///< the section may be written as this value alone
  bool is_list = false;       ///< a list of such values will do too
  std::string wants{};        ///< a key without which this one would be ignored, and is refused
  std::string pattern{};  ///< of texts: what one must look like, for the JSON Schema; the code that reads it says more
};

/// All keys, in the order of the docs.
const std::vector<Key>& config_keys();
/// Null where there is none.
const Key* find_key(std::string_view name);
/// "model" of "model.path", or ""
std::string_view section_of(std::string_view name);
/// The names that may stand at the top of a config, sections among them, in the order of the table.
std::vector<std::string> top_level_names();
/// The names within a section: "path", "loader".
std::vector<std::string> names_in(std::string_view section);
/// The key that a section may be written as, or null.
const Key* shorthand_of(std::string_view section);

}  // namespace calotype
