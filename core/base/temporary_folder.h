#pragma once
#include <sys/types.h>

#include <string>

namespace calotype {

/// A new folder that is removed with this object, unless it was renamed. It is locked meanwhile, which distinguishes it
/// from the folder of a dead process. First removes such folders of this user with the same start of the name.
class TemporaryFolder {
 public:
  /// Creates the folder in `parent`, named `start` and a number, with `mode` reduced by the umask. Throws Error
  /// (cannot_create).
  TemporaryFolder(const std::string& parent, const std::string& start, mode_t mode);
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  /// Throws Error (cannot_create) if that is not possible.
  void rename(const std::string& name);

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace calotype
