#pragma once
#include <string>

namespace calotype {

/// Where the program keeps what can be made again: calotype in XDG_CACHE_HOME, or in ~/.cache. It need not be there.
/// Empty: there is no such place.
std::string cache_folder();

}  // namespace calotype
