#pragma once
#include <calotype/json.h>

#include <optional>
#include <string>

namespace calotype {

/// How a plugin ended a process that tried it out.
struct Crash {
  std::string library;         ///< its file
  int signal = 0;              ///< what ended the process; 0: it ended itself
  std::string last_call;       ///< the call of the plugin that was under way: "scheduler.sigmas", "dlopen"
  std::string standard_error;  ///< what it wrote there; of a long text the end is kept
};

/// Remembers a crash by the sha256 of crash.library as it is now, in crashes.json of the cache folder: a host refuses
/// the file from then on (code "crashed"). Takes the place of an older one of the same file. Throws Error
/// (cannot_create, io, no_input).
void remember_crash(const Crash& crash);

/// What is remembered, as it was when this was made. A memory that cannot be read is none.
class CrashMemory {
 public:
  CrashMemory();
  /// Of a library as it is now, which is read only where a file of its size is remembered.
  std::optional<Crash> of(const std::string& library) const;

 private:
  JsonValue crashes_;  ///< by sha256
};

/// Forgets the crash of a library as it is now, if there was one. Throws as remember_crash.
void forget_crash(const std::string& library);

}  // namespace calotype
