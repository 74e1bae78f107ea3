#pragma once
#include <filesystem>
#include <string>

#include "base/error_list.h"
#include "yaml/yaml.h"

namespace calotype {

/// What a Config holds. Shorthands are written out: `scheduler: karras` is {scheduler: {id: karras}}.
struct ConfigTree {
  std::string name;
  std::filesystem::path folder;  ///< what relative paths in it are relative to
  yaml::Node root;               ///< a map
  ErrorList errors{};            ///< what is wrong already; resolving reports it with all else
};

/// Writes out the shorthands of the sections: `scheduler: karras` becomes {scheduler: {id: karras}}.
void expand_shorthands(yaml::Node& root);

/// Applies KEY=VALUE to a tree whose shorthands are written out; messages name it by what was typed. Throws Error
/// (config).
void apply_override(yaml::Node& root, const std::string& override_text, const std::string& typed);
inline void apply_override(yaml::Node& root, const std::string& override_text) {
  apply_override(root, override_text, override_text);
}

/// Absolute, lexically normal, without a slash at its end. A path of an override is relative to the working directory.
std::string absolute_path(const ConfigTree& tree, const yaml::Node& path);

}  // namespace calotype
