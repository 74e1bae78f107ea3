#pragma once
#include <calotype/host/entry.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The checks of `calotype plugin check FILE`.
namespace calotype::check {

/// The subject of a check: the library as a whole, or each of its entries of one kind.
enum class About { library, scheduler, sampler, loader };

enum class Level { quick, full };

/// The library, and the entry if the check is about one.
struct Subject {
  std::string file;
  std::vector<EntryInfo> entries;    ///< all entries of its manifests
  const EntryInfo* entry = nullptr;  ///< the entry that is checked; null for a check of the library
  Level level = Level::full;
  uint64_t seed = 1;
  std::string folder{};  ///< folder for files that checks write; removed after all checks

  int tier() const { return entries.empty() ? 0 : entries[0].tier; }
};

/// Thrown by a check that fails: what was wanted and what was found.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Thrown by a check that cannot be run here, or does not apply to this plugin.
struct Skipped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws Skipped if the entry's declared threads exclude the call that a check needs. `needed`: reentrant for calls
/// from several threads at once, instance for calls from any thread.
void need_threads(const Subject& subject, Threads needed);

/// One check. It runs in a process of its own, which it may leave in any state.
struct Check {
  std::string_view id;
  std::string_view sentence;  ///< what holds if it passes
  About about;
  void (*run)(const Subject& subject);
  std::string_view
      needs{};  ///< ids of checks, separated by spaces; if one of them fails or is skipped, this one is skipped
  bool only_tier_1 = false;
};

/// The check that all checks need that run the plugin's code.
inline constexpr std::string_view kLoaded = "table-has-the-notes";

/// All checks, each after the ones that it needs.
const std::vector<Check>& checks();

// Each file has one table.
const std::vector<Check>& manifest_checks();
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

/// Loads libtorch, once for the processes of all checks. Throws Error if this program was built without it.
void load_libtorch();

}  // namespace calotype::check
