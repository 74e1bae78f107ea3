// Whether the library still works without its symbols: packagers strip libraries.
#include <calotype/error.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "check/sampler_calls.h"
#include "check/scheduler_calls.h"
#include "registry/manifest.h"

namespace calotype::check {
namespace {

/// Throws Error (io) if not even an unchanged copy can be written, for example on a full disk. Throws Skipped if no
/// copy can be loaded, for example where nothing may be executed.
void can_load_a_copy(const Subject& s) {
  const std::string copy = s.folder + "/copy.so";
  std::error_code failed;
  std::filesystem::copy_file(s.file, copy, failed);
  if (failed) throw Error(ErrorCode::io, "TMPDIR: " + s.folder + " takes no copy of it: " + failed.message());
  try {
    Opened(copy, s.tier());
  } catch (const Broken& e) {
    throw Skipped("TMPDIR: no library can be loaded from " + s.folder + ": " + e.what());
  }
}

/// A copy of the library without its symbols.
std::string stripped(const Subject& s) {
  const std::string file = s.folder + "/stripped.so";
  const pid_t child = fork();
  if (child == 0) {
    execlp("strip", "strip", "-o", file.c_str(), s.file.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WEXITSTATUS(status) == 127) throw Skipped("the program strip is not installed");
  if (status != 0) can_load_a_copy(s), throw Broken("strip cannot read it");
  return file;
}

/// Loads `file`. If no library can be loaded from the folder, the plugin is not at fault.
Opened open_stripped(const Subject& s, const std::string& file) {
  try {
    return Opened(file, s.tier());
  } catch (const Broken&) {
    can_load_a_copy(s);
    throw;
  }
}

Subject of_file(Subject s, const std::string& file, const EntryInfo& entry) {
  s.file = file, s.entry = &entry;
  return s;
}

void is_same(const Subject& before, const Subject& after) {
  const EntryInfo& e = *before.entry;
  const bool holds = e.kind == Kind::scheduler ? SchedulerCalls(before).ask(20) == SchedulerCalls(after).ask(20)
                                               : SamplerCalls(before).run(20) == SamplerCalls(after).run(20);
  if (!holds) throw Broken(std::string(name_of(e.kind)) + " \"" + e.id + "\": after strip it gives other numbers");
}

void works_after_strip(const Subject& s) {
  const std::string file = stripped(s);
  const auto manifests = read_manifests(file);
  if (manifests.refusal) throw Broken("after strip it is refused: " + manifests.refusal->reason());
  if (manifests.entries.size() != s.entries.size()) throw Broken("strip removes some of its manifests");
  const Opened opened = open_stripped(s, file);
  for (const auto& e : manifests.entries) opened.implementation(e);
  if (s.tier() == 1)
    for (const auto& e : s.entries) is_same(of_file(s, s.file, e), of_file(s, file, e));
}

}  // namespace

const std::vector<Check>& strip_checks() {
  static const std::vector<Check> all{{"works-after-strip", "after strip it loads and gives the same numbers",
                                       About::library, works_after_strip, kLoaded}};
  return all;
}

}  // namespace calotype::check
