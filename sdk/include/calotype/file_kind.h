#pragma once
#include <calotype/error.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>
#include <string>
#include <system_error>

namespace calotype {

enum class FileKind { nothing, file, folder, other };

/// Whether the error means that no file exists at a path, or that none can.
inline bool means_nothing(const std::error_code& failed) {
  for (const int known : {ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP})
    if (failed.value() == known) return true;
  return false;
}

/// Throws for a path that the system cannot look up: std::bad_alloc if memory is short, else Error (io) with the path.
[[noreturn]] inline void fail_to_look(const std::string& path, const std::error_code& failed) {
  if (failed.value() == ENOMEM) throw std::bad_alloc();
  throw Error(ErrorCode::io, path + ": cannot be read: " + failed.message());
}

/// What is at a path; links are followed. `nothing` only if no file exists there. Throws as fail_to_look if the system
/// does not answer.
inline FileKind kind_of(const std::string& path) {
  struct stat s{};
  if (stat(path.c_str(), &s) == 0)
    return S_ISREG(s.st_mode) ? FileKind::file : S_ISDIR(s.st_mode) ? FileKind::folder : FileKind::other;
  const std::error_code failed(errno, std::generic_category());
  if (!means_nothing(failed)) fail_to_look(path, failed);
  return FileKind::nothing;
}
inline bool is_file(const std::string& path) {
  return kind_of(path) == FileKind::file;
}
inline bool is_folder(const std::string& path) {
  return kind_of(path) == FileKind::folder;
}
inline bool is_there(const std::string& path) {
  return kind_of(path) != FileKind::nothing;
}

}  // namespace calotype
