#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"

namespace calotype {

/// The keys that every config may have, in the order of the docs.
const std::vector<Key>& common_keys();
/// Null where there is none. Without `keys`, of the common ones.
const Key* find_key(const std::vector<Key>& keys, std::string_view name);
const Key* find_key(std::string_view name);
/// The name in YAML of what a config has for a key that is a choice: "philox" of noise.
std::string chosen_name(std::string_view key, const ResolvedConfig& config);
/// "model" of "model.path", or ""
std::string_view section_of(std::string_view name);
/// The names that may stand at the top of a config, sections among them, in the order of the table.
std::vector<std::string> top_level_names(const std::vector<Key>& keys);
/// The names within a section: "path", "loader". Without `keys`, of the common ones.
std::vector<std::string> names_in(const std::vector<Key>& keys, std::string_view section);
std::vector<std::string> names_in(std::string_view section);
/// The key that a section may be written as, or null.
const Key* shorthand_of(std::string_view section);

}  // namespace calotype
