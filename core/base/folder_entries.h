#pragma once
#include <filesystem>
#include <system_error>
#include <vector>

namespace calotype {

/// What is in a folder, without "." and "..", in the order of the names' bytes; the reason in `failed` where it cannot
/// be read, or not to its end. (std::filesystem::directory_iterator ends the process where there is no memory for a
/// name.)
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder, std::error_code& failed);

}  // namespace calotype
