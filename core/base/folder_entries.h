#pragma once
#include <filesystem>
#include <system_error>
#include <vector>

namespace calotype {

/// The names in a folder, without "." and "..", in byte order. If the folder cannot be read to its end, the reason is
/// in `failed`. (std::filesystem::directory_iterator ends the process if there is no memory for a name.)
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder, std::error_code& failed);

}  // namespace calotype
