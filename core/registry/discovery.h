#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <vector>

#include "registry/plugin_rules.h"

namespace calotype {

/// A plugin folder, and what put it on the search path.
struct PluginFolder {
  std::string path, origin;
  std::string problem;  ///< why it is not searched; empty: it is
};

/// The folders of CALOTYPE_PLUGIN_PATH, separated by colons. A program that runs with more rights than its user ignores
/// the variable.
std::vector<PluginFolder> environment_plugin_folders();

/// Reads the manifests of every *.so directly in these folders, and accepts the libraries that follow the rules. A
/// missing folder offers nothing; each file is read once.
Catalog discover(const std::vector<PluginFolder>& folders, PluginRules rules);
Catalog discover(const std::vector<std::string>& folders);

}  // namespace calotype
