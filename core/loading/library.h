#pragma once
#include <calotype/abi.h>
#include <calotype/host/entry.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace calotype {

/// Shared libraries, each opened when an entry of it is first needed. Tier 1 is closed when this object goes, and then
/// unmapped; what uses libtorch (tier 2), what can start threads or have them call it when they end, and what the
/// dynamic linker itself keeps stays until the process ends. Any thread, several at once.
class Libraries {
 public:
  /// `keep_loaded`: nothing is unmapped.
  explicit Libraries(bool keep_loaded = false);
  ~Libraries();
  /// The implementation behind an entry: a calotype_scheduler, a calotype_sampler, or the factory of a C++ interface.
  /// It lives as long as this object. The code is that of the file whose note the entry is from, though the file may
  /// have been replaced since: a newer file is loaded beside it for the entries that its own note names. Throws Error
  /// (refused): what, found, needed, fix; Error (usage) where the entry may not be called on this thread.
  const void* implementation(const EntryInfo& entry);

 private:
  struct Open;
  const Open& open(const EntryInfo& entry);
  const bool keep_loaded_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Open>> open_;  // by path and stamp
};

}  // namespace calotype
