#pragma once
#include <calotype/abi.h>
#include <calotype/host/entry.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace calotype {

/// Shared libraries, each opened when one of its entries is first needed. Tier 1 is closed, and then unmapped, when
/// this object ends. Libraries stay until the process ends if they use libtorch (tier 2), can start threads, can run at
/// the end of a thread, or are kept by the dynamic linker. Any thread, several at once.
class Libraries {
 public:
  /// `keep_loaded`: unmap nothing.
  explicit Libraries(bool keep_loaded = false);
  Libraries(const Libraries&) = delete;
  virtual ~Libraries();
  /// The implementation of an entry: a calotype_scheduler, a calotype_sampler, or the factory of a C++ interface. It
  /// lives as long as this object. The code is that of the file from which the entry's manifest was read, even if the
  /// file was replaced since; a newer file is loaded beside it, for the entries of its own manifests. Throws Error
  /// (refused) with what, found, needed, fix; Error (usage) if the entry may not be called on this thread. Virtual: the
  /// engine calls the code of the host that loaded it, which knows what is loaded.
  virtual const void* implementation(const EntryInfo& entry);

 private:
  struct Open;
  const Open& open(const EntryInfo& entry);
  const bool keep_loaded_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Open>> open_;  // by path and stamp
};

}  // namespace calotype
