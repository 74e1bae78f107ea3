#pragma once
#include <string>

#include "config/config_tree.h"

namespace calotype {

// The value of the key `name`; each throws Error (config, no_input) with its position.

/// auto, cpu, cuda or cuda:N.
std::string read_device(const ConfigTree& tree, const yaml::Node& node, const std::string& name);
/// A folder that exists, absolute.
std::string read_folder(const ConfigTree& tree, const yaml::Node& node, const std::string& name);
/// A path as it is written.
std::string read_output_path(const ConfigTree& tree, const yaml::Node& node, const std::string& name);

}  // namespace calotype
