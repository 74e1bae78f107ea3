#pragma once
#include <calotype/host/entry.h>

#include <string>

namespace calotype {

/// A copy in memory of a library that plugins.lock pins. So the loaded code is what was hashed, whatever happens to the
/// file meanwhile. A library that was loaded from the copy stays loaded after this object ends.
class PinnedCopy {
 public:
  /// Throws Refused (replaced) if the file no longer has the pinned sum, (not_loadable) if the system has no such
  /// memory.
  explicit PinnedCopy(const EntryInfo& entry);
  ~PinnedCopy();
  PinnedCopy(const PinnedCopy&) = delete;
  /// The path by which the dynamic linker opens it.
  std::string path() const { return "/proc/self/fd/" + std::to_string(memory_); }

 private:
  int memory_;
};

}  // namespace calotype
