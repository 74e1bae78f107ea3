#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// Of one file, read anew each time: what decides whether a plugin is let in trusts no cache. Throws Error (no_input, io).
std::string sha256_of_file(const std::string& path);

/// Of these bytes.
std::string sha256_of_text(std::string_view text);

}  // namespace calotype
