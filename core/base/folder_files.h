#pragma once
#include <string>
#include <vector>

namespace calotype {

/// The files in a folder and below, relative to it, in the order of their bytes. Links are followed, each folder is
/// entered once. None where there is no folder. Throws Error (bad_data) where there are more than 20,000, Error (io) or
/// std::filesystem::filesystem_error where one cannot be read.
std::vector<std::string> files_of(const std::string& folder);

/// What a model, or a part of one, is read from: all files of a folder; a file and the config.json beside it. Whole
/// paths.
std::vector<std::string> model_files_of(const std::string& path);

}  // namespace calotype
