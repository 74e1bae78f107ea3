#pragma once
#include <calotype/host/resolved_config.h>

#include "yaml/yaml.h"

namespace calotype {

/// The value of the key `restart`: a preset's name, a restart interval {sigma_min, sigma_max, steps, times} or a list
/// of them. Throws Error (config) with its position.
Restart read_restart(const yaml::Node& node, int steps);

}  // namespace calotype
