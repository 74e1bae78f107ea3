#pragma once
#include <calotype/host/entry.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The conformance kit: `calotype plugin check FILE`.
namespace calotype::check {

/// What a check is about: the library as a whole, or each of its entries of one kind.
enum class About { library, scheduler, sampler, loader };

enum class Level { quick, full };

/// What is checked.
struct Subject {
  std::string file;
  std::vector<EntryInfo> entries;    ///< all that its notes tell
  const EntryInfo* entry = nullptr;  ///< the one that the check is about, where it is about one
  Level level = Level::full;
  uint64_t seed = 1;
  std::string folder{};  ///< for what checks write; goes when all are made

  int tier() const { return entries.empty() ? 0 : entries[0].tier; }
};

/// Thrown by a check that found something: what was wanted and what was found.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Thrown by a check that cannot be made here, or says nothing of this plugin.
struct Skipped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws Skipped where the entry declares that it may not be called as a check wants to: reentrant, by several threads
/// at once; instance, by any thread.
void need_threads(const Subject& subject, Threads needed);

/// One check. It runs in a process of its own and may do there what it likes.
struct Check {
  std::string_view id;
  std::string_view sentence;  ///< what holds where it passes
  About about;
  void (*run)(const Subject& subject);
  std::string_view
      needs{};  ///< ids with spaces between: where one of these failed or was not made, this one is not made
  bool only_tier_1 = false;
};

/// The check that every check needs that runs the plugin's code.
inline constexpr std::string_view kLoaded = "table-has-the-notes";

/// All checks, each after those that it needs.
const std::vector<Check>& checks();

// One table a file.
const std::vector<Check>& note_checks();
const std::vector<Check>& elf_checks();
const std::vector<Check>& load_checks();
const std::vector<Check>& table_checks();
const std::vector<Check>& strip_checks();
const std::vector<Check>& scheduler_number_checks();
const std::vector<Check>& scheduler_input_checks();
const std::vector<Check>& scheduler_manner_checks();
const std::vector<Check>& sampler_checks();
const std::vector<Check>& sampler_fault_checks();
const std::vector<Check>& sampler_manner_checks();
const std::vector<Check>& wall_checks();
const std::vector<Check>& loader_checks();

/// Loads libtorch, once for all processes of checks. Throws Error where this program has none.
void load_libtorch();

}  // namespace calotype::check
