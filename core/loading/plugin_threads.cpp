#include "loading/plugin_threads.h"

#include <calotype/error.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <string>

namespace calotype {
namespace {

/// A library exists once in a process, however many hosts have it open. Never destroyed, because a thread may outlive
/// everything else.
std::recursive_mutex& mutex_of(const std::string& library) {
  static std::mutex mutex;
  static auto& all = *new std::map<std::string, std::recursive_mutex>;
  const std::lock_guard lock(mutex);
  return all[library];
}

std::atomic<LibraryMutex*> used = mutex_of;

}  // namespace

LibraryMutex& library_mutex() {
  return *used;
}

void set_library_mutex(LibraryMutex& mutex) {
  used = &mutex;
}

void check_thread(const EntryInfo& entry) {
  if (entry.threads == Threads::main && gettid() != getpid())
    throw Error(
        ErrorCode::usage,
        entry.library + ": " + std::string(name_of(entry.kind)) + " \"" + entry.id +
            "\" declares threads: main, and was called on another; call it on the thread that the program began with");
}

Turn::Turn(const EntryInfo& entry) {
  check_thread(entry);
  if (entry.threads == Threads::instance) lock_ = std::unique_lock(library_mutex()(entry.library));
}

}  // namespace calotype
