#pragma once
#include <calotype/host/catalog.h>

#include <string>
#include <vector>

#include "registry/plugin_rules.h"

namespace calotype {

/// A folder for plugins, and who names it.
struct PluginFolder {
  std::string path, origin;
  std::string problem;  ///< why it is not searched, or empty
};

/// The folders of CALOTYPE_PLUGIN_PATH, separated by colons. A program that runs with more rights than its user
/// searches none.
std::vector<PluginFolder> environment_plugin_folders();

/// Reads the notes of every *.so directly in these folders, and lets in what keeps to the rules. A folder that is not
/// there offers nothing; a file is read once.
Catalog discover(const std::vector<PluginFolder>& folders, PluginRules rules);
Catalog discover(const std::vector<std::string>& folders);

}  // namespace calotype
