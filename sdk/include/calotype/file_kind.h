#pragma once
#include <calotype/error.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>
#include <string>
#include <system_error>

namespace calotype {

enum class FileKind { nothing, file, folder, other };

/// Whether this says that nothing is at a path, or nothing can be.
inline bool means_nothing(const std::error_code& failed) {
  for (const int known : {ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP})
    if (failed.value() == known) return true;
  return false;
}

/// Throws for what the system does not tell of a path: Error (io) naming it, or std::bad_alloc where memory is what it
/// lacks.
[[noreturn]] inline void fail_to_look(const std::string& path, const std::error_code& failed) {
  if (failed.value() == ENOMEM) throw std::bad_alloc();
  throw Error(ErrorCode::io, path + ": cannot be read: " + failed.message());
}

/// What a path leads to, links followed. Throws as fail_to_look where the system does not tell: that is not the same as
/// nothing, which a program goes on without.
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
