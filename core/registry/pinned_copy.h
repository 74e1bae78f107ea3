#pragma once
#include <calotype/host/entry.h>

#include <string>

namespace calotype {

/// A copy in memory of a library that plugins.lock pins: what was hashed is what is loaded, whatever becomes of the
/// file meanwhile. What is loaded from it stays when this object goes.
class PinnedCopy {
 public:
  /// Throws Refused (replaced) where the file no longer has the pinned sum, (not_loadable) where there is no such
  /// memory.
  explicit PinnedCopy(const EntryInfo& entry);
  ~PinnedCopy();
  PinnedCopy(const PinnedCopy&) = delete;
  /// What the dynamic linker opens it by.
  std::string path() const { return "/proc/self/fd/" + std::to_string(memory_); }

 private:
  int memory_;
};

}  // namespace calotype
