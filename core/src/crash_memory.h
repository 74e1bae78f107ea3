#pragma once
#include <optional>
#include <string>

namespace calotype {

/// How a plugin ended a process that tried it out.
struct Crash {
  std::string library;         ///< its file
  int signal = 0;              ///< what ended the process; 0: it ended itself, or took too long
  std::string last_call;       ///< the call of the plugin that was under way: "scheduler.sigmas", "dlopen"
  std::string standard_error;  ///< what it wrote there; of a long text the end is kept
};

/// Remembers a crash by the sha256 of crash.library as it is now, in crashes.json of the cache folder: a host refuses the file
/// from then on (code "crashed"). Takes the place of an older one of the same file. Throws Error (cannot_create, io, no_input).
void remember_crash(const Crash& crash);

/// Forgets the crash of a library as it is now, if there was one. Throws as remember_crash.
void forget_crash(const std::string& library);

/// What is remembered of a library as it is now. Reads it only where a file of that size is remembered. A memory that cannot be
/// read is none.
std::optional<Crash> remembered_crash(const std::string& library);

}  // namespace calotype
