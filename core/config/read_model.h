#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/models.h>
#include <calotype/host/resolved_config.h>

#include "config/config_tree.h"

namespace calotype {

/// The section `model`, or that of another key: where the weights are, and who reads them. Throws Error that begins
/// with the position and the key: no_input where nothing is there, config where no loader accepts it, several do, or a
/// setting is wrong.
void read_model(const ConfigTree& tree, const Catalog& catalog, const ModelSearchPath& search,
                const yaml::Node& section, ResolvedConfig& out, const std::string& key = "model");

/// What a value means that names a model: a path that exists, or a name on the search path. `key` is the value's key.
/// Throws Error (config, no_input) with its position.
ModelLocation locate_model(const ConfigTree& tree, const Catalog& catalog, const ModelSearchPath& search,
                           const yaml::Node& node, const std::string& key);

}  // namespace calotype
