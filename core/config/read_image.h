#pragma once
#include <string>

#include "config/config_tree.h"

namespace calotype {

/// Where an image of a config comes from, checked as far as no byte of it must be read: an absolute path of a file
/// that is there, else base64 or a data URI as it was written. `name` is the key's. Throws Error (config, no_input).
std::string read_image_source(const ConfigTree& tree, const yaml::Node& node, const std::string& name);

}  // namespace calotype
