#pragma once
#include <string>
#include <vector>

#include "config_tree.h"

namespace calotype {

/// The section `plugins`: absolute paths of folders that exist; none where it is not given. Throws Error (config, no_input).
std::vector<std::string> read_plugin_folders(const ConfigTree& tree);

}  // namespace calotype
