#pragma once
#include <string>
#include <vector>

namespace calotype {

/// The files in a folder and below, relative to it, in the order of their bytes. Links are followed, each folder is entered
/// once. None where there is no folder. Throws Error (io) or std::filesystem::filesystem_error where one cannot be read.
std::vector<std::string> files_of(const std::string& folder);

}  // namespace calotype
