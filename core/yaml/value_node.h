#pragma once
#include <calotype/host/entry.h>

#include <string>
#include <string_view>

#include "yaml/yaml.h"

namespace calotype {

/// Makes nodes that come from no file. `origin` is their position in messages.
yaml::Node map_node(const std::string& origin);
/// A node that is always a text.
yaml::Node text_node(std::string text, const std::string& origin);
yaml::Node number_node(double number, const std::string& origin);
yaml::Node boolean_node(bool value, const std::string& origin);
/// A null node.
yaml::Node value_node(const Value& value, const std::string& origin);

/// Sets the value of a key of a map, replacing the old one; "vae.path" is the key `path` of the map `vae`.
void put(yaml::Node& map, std::string_view key, yaml::Node value);

}  // namespace calotype
