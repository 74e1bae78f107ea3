#pragma once
#include <sys/types.h>

#include <string>

namespace calotype {

/// A new folder that goes with this object, unless it was renamed. Locked meanwhile, which tells it from a dead
/// process' one: those of this user with the same beginning are removed first.
class TemporaryFolder {
 public:
  /// In the folder `parent`, under the name `start` and a number; `mode` but for the umask. Throws Error
  /// (cannot_create).
  TemporaryFolder(const std::string& parent, const std::string& start, mode_t mode);
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  /// Throws Error (cannot_create) where that cannot be.
  void rename(const std::string& name);

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace calotype
