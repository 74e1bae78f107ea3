#pragma once
#include <calotype/host/entry.h>

#include <string>
#include <string_view>

#include "yaml/yaml.h"

namespace calotype {

/// Nodes of a config that no file holds. `origin` is what messages give as their place.
yaml::Node map_node(const std::string& origin);
/// A text whatever it looks like.
yaml::Node text_node(std::string text, const std::string& origin);
yaml::Node number_node(double number, const std::string& origin);
yaml::Node boolean_node(bool value, const std::string& origin);
/// Nothing: null.
yaml::Node value_node(const Value& value, const std::string& origin);

/// Puts a value under a key of a map, in place of what is there; "vae.path" is the key `path` of the map `vae`.
void put(yaml::Node& map, std::string_view key, yaml::Node value);

}  // namespace calotype
