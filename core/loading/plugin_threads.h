#pragma once
#include <calotype/host/entry.h>

#include <mutex>
#include <string>

namespace calotype {

/// Throws Error (usage) if this thread may not call the entry: it declares Threads::main, and this is another thread.
void check_thread(const EntryInfo& entry);

/// The mutex of a library, by the path of its file.
using LibraryMutex = std::recursive_mutex&(const std::string& library);
/// The one that Turn takes: this code's own, but in the engine that of the host that loaded it.
LibraryMutex& library_mutex();
void set_library_mutex(LibraryMutex& mutex);

/// Held while a function of a tier-1 library runs. A library that declares Threads::instance is called by one thread of
/// the process at a time; other threads wait. One thread may hold two.
class Turn {
 public:
  /// Throws as check_thread.
  explicit Turn(const EntryInfo& entry);

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

}  // namespace calotype
