#pragma once
#include <calotype/error.h>

#include <filesystem>
#include <string>

namespace calotype {

/// The text of a std::filesystem error: the path and the system's reason. `who` is the start of the text.
inline Error io_error(const std::filesystem::filesystem_error& e, const std::string& who = "") {
  const std::string path = e.path1().string();  // empty: the working folder
  return {ErrorCode::io, who + (path.empty() ? "the working folder" : path) + ": " + e.code().message()};
}

}  // namespace calotype
