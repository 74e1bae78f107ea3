#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"

namespace calotype {

/// The keys that every config may have, in the order of the docs.
const std::vector<Key>& common_keys();
/// Those and the keys that these loaders and pipelines declare, each after the one that it names. Of two of one name
/// the first counts.
std::vector<Key> keys_with(const std::vector<const EntryInfo*>& entries);
/// The keys that a config with this loader and this pipeline takes.
std::vector<Key> keys_of(const ResolvedConfig& config);
/// The keys that a config takes with one loader and pipeline or another.
std::vector<Key> keys_of(const Catalog& catalog);

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
