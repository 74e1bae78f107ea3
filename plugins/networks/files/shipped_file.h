#pragma once
#include <string>

namespace calotype::networks {

/// The path of a file that ships with this library: in the folder "networks" beside the plugin that holds this code, or
/// else in that of the plugins that came with the host of this process. It need not be there.
std::string shipped_file(const std::string& name);

}  // namespace calotype::networks
