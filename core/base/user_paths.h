#pragma once
#include <string>
#include <vector>

namespace calotype {

/// The value of an environment variable; empty if it is not set, or if the program runs with more rights than its user.
std::string environment_variable(const char* name);

/// HOME; if it is not set, the user's home folder as the system knows it; empty if it knows none.
std::string home_folder();
/// Expands "~/a" to "/home/me/a"; other paths are unchanged.
std::string with_home(const std::string& path);

/// The cache folder, for data that can be made again: calotype in XDG_CACHE_HOME or in ~/.cache. It may not exist.
/// Empty: there is no such folder.
std::string cache_folder();

/// The paths in an environment variable, separated by colons, without empty ones.
std::vector<std::string> split_paths(const std::string& value);

}  // namespace calotype
