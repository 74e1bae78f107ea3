#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// The whole file. Throws Error (no_input, io, bad_data when it is larger than `most` bytes).
std::string read_file(const std::string& path, size_t most);

/// Another when the file is changed or replaced; empty where there is none.
std::string stamp_of(const std::string& path);

/// Writes under a temporary name in the same folder, then renames: the file under `path` is whole or as it was before.
/// Creates the folder. Throws Error (cannot_create, io) naming the path and the system's reason.
void write_file(const std::string& path, std::string_view bytes);

}  // namespace calotype
