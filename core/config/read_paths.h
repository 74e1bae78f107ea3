#pragma once
#include <calotype/host/models.h>

#include <optional>
#include <string>
#include <vector>

#include "config/config_tree.h"

namespace calotype {

/// plugins.path: absolute paths of folders that exist; none where it is not given. Throws Error (config, no_input).
std::vector<std::string> read_plugin_folders(const ConfigTree& tree);
/// plugins.allow: the vendors whose plugins may be loaded; nothing where it is not given. Throws Error (config).
std::optional<std::vector<std::string>> read_plugin_vendors(const ConfigTree& tree);

/// The folders, after all of `plugins` is checked. Throws Error, ConfigErrors (config, no_input): all that is wrong.
std::vector<std::string> checked_plugin_folders(const ConfigTree& tree);
/// Whether that throws nothing.
bool can_read_plugins(const ConfigTree& tree);

/// A folder or a list of folders that exist, absolute; `name` is the key's. Throws Error (config, no_input).
std::vector<std::string> read_folders(const ConfigTree& tree, const yaml::Node& node, const std::string& name);
/// The same of files.
std::vector<std::string> read_files(const ConfigTree& tree, const yaml::Node& node, const std::string& name);

/// `search`, with the config's models_dir and model_paths instead of its own. Throws Error (config, no_input)
/// with its position.
ModelSearchPath read_model_search_path(const ConfigTree& tree, ModelSearchPath search);

}  // namespace calotype
