#pragma once
#include <calotype/host/resolved_config.h>

#include "yaml/yaml.h"

namespace calotype {

/// The value of the key `restart`: a preset's name, a segment {sigma_min, sigma_max, steps, times} or a list of them.
/// Throws Error (config) that says where and what.
Restart read_restart(const yaml::Node& node, int steps);

}  // namespace calotype
