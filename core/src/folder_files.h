#pragma once
#include <string>
#include <vector>

namespace calotype {

/// The files in a folder and below, relative to it, in the order of their bytes. Links are followed, each folder is entered
/// once. What cannot be read is left out.
std::vector<std::string> files_of(const std::string& folder);

}  // namespace calotype
