#pragma once
#include <calotype/error.h>

#include <filesystem>
#include <string>

namespace calotype {

/// What std::filesystem could not do: the path and the system's reason. `who` begins the text.
inline Error io_error(const std::filesystem::filesystem_error& e, const std::string& who = "") {
  const std::string path = e.path1().string();  // empty: it was the working folder
  return {ErrorCode::io, who + (path.empty() ? "the working folder" : path) + ": " + e.code().message()};
}

}  // namespace calotype
