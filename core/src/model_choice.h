#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/resolved_config.h>

#include "config_tree.h"

namespace calotype {

/// The section `model`: where the weights are, and who reads them. Throws Error: no_input where nothing is there, config
/// where no loader accepts it, several do, or a setting is wrong.
void read_model(const ConfigTree& tree, const Catalog& catalog, const yaml::Node& section, ResolvedConfig& out);

}  // namespace calotype
