#pragma once
#include <calotype/json.h>

#include <optional>
#include <string>

namespace calotype {

/// A crash of a plugin in a process that checked it.
struct Crash {
  std::string library;         ///< path of its file
  int signal = 0;              ///< the signal that ended the process; 0: it ended itself
  std::string last_call;       ///< the plugin's call during which it ended: "scheduler.sigmas", "dlopen"
  std::string standard_error;  ///< what the plugin wrote; only the end of a long text
};

/// Records a crash by the current sha256 of crash.library, in crashes.json of the cache folder. From then on a host
/// refuses the file (code "crashed"). Replaces an older record of the same file. Throws Error (cannot_create, io,
/// no_input).
void remember_crash(const Crash& crash);

/// The recorded crashes at the time this object was made. A record that cannot be read counts as empty.
class CrashMemory {
 public:
  CrashMemory();
  /// The crash of a library in its current state. The library is read only if a file of its size is recorded.
  std::optional<Crash> of(const std::string& library) const;

 private:
  JsonValue crashes_;  ///< by sha256
};

/// Removes the record of a library in its current state, if there is one. Throws as remember_crash.
void forget_crash(const std::string& library);

}  // namespace calotype
