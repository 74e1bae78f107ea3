#pragma once
#include <string>
#include <vector>

namespace calotype {

/// The value of a variable; empty where it is not set, or the program runs with more rights than its user.
std::string environment_variable(const char* name);

/// HOME, or where that is not set what the system knows of the user; empty where it knows nothing.
std::string home_folder();
/// "~/a" -> "/home/me/a"; the rest as it is.
std::string with_home(const std::string& path);

/// Where the program keeps what can be made again: calotype in XDG_CACHE_HOME, or in ~/.cache. It need not be there.
/// Empty: there is no such place.
std::string cache_folder();

/// The paths in a variable, separated by colons; empty ones are left out.
std::vector<std::string> split_paths(const std::string& value);

}  // namespace calotype
