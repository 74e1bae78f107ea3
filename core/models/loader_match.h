#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/resolved_config.h>

#include <string>

#include "yaml/yaml.h"

namespace calotype {

/// The id of the one loader that accepts such a path, which the key of that name gives. Throws Error (config) that
/// begins with the place of `at`.
std::string loader_for(const Catalog& catalog, const yaml::Node& at, const std::string& key, const std::string& path);

/// The one loader that accepts such a path, with its defaults. Throws Error (config) that begins with the place of
/// `at`.
Choice loader_of(const Catalog& catalog, const yaml::Node& at, const std::string& path);

}  // namespace calotype
