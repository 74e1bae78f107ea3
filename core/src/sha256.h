#pragma once
#include <string>

namespace calotype {

/// Of one file, read anew each time: what decides whether a plugin is let in trusts no cache. Throws Error (no_input, io).
std::string sha256_of_file(const std::string& path);

}  // namespace calotype
