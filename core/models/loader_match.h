#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/resolved_config.h>

#include <string>

#include "yaml/yaml.h"

namespace calotype {

/// The id of the only loader that accepts this path, which is the value of key `name`. Throws Error (config) that
/// starts with the position of `at`.
std::string loader_for(const Catalog& catalog, const yaml::Node& at, const std::string& key, const std::string& path);

/// Whether a loader accepts this path.
bool is_accepted(const Catalog& catalog, const std::string& path);

/// The only loader that accepts this path, with its defaults. Throws Error (config) that starts with the position of
/// `at`.
Choice loader_of(const Catalog& catalog, const yaml::Node& at, const std::string& path);

}  // namespace calotype
