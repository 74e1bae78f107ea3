#pragma once
#include <string>
#include <vector>

#include <calotype/host/catalog.h>

namespace calotype {

/// The folder of what came with the host: calotype beside libcalotype.
std::string own_folder();
/// The plugins in it.
std::string own_plugin_folder();

/// The paths in a variable, separated by colons; empty ones are left out.
std::vector<std::string> split_paths(const std::string& value);

/// The folders of CALOTYPE_PLUGIN_PATH, separated by colons.
std::vector<std::string> environment_plugin_folders();

/// Reads the notes of every *.so directly in these folders. A folder that is not there offers nothing; a file is read once.
Catalog discover(const std::vector<std::string>& folders);

}  // namespace calotype
