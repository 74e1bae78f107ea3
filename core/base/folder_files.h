#pragma once
#include <string>
#include <vector>

namespace calotype {

/// The files in a folder and its subfolders, relative to it, in byte order. Links are followed; each folder is entered
/// once. Empty if there is no folder. Throws Error (bad_data) for more than 20,000 files, and Error (io) or
/// std::filesystem::filesystem_error if one cannot be read.
std::vector<std::string> files_of(const std::string& folder);

/// The files of a model or component, as whole paths: all files of a folder; or a file and the config.json beside it.
std::vector<std::string> model_files_of(const std::string& path);

}  // namespace calotype
