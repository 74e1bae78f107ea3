#pragma once
#include <calotype/export.h>
#include <calotype/threads.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace calotype {

enum class Kind { scheduler = 1, sampler, loader, pipeline };

/// The name of a kind: "scheduler", "sampler", "loader", "pipeline".
CALOTYPE_API std::string_view name_of(Kind kind);

/// The value of a setting that is a list of numbers. A type of its own, because GCC 12 assumes of a variant of standard
/// types that no copy throws, and a copy can run out of memory.
struct Numbers : std::vector<double> {
  using std::vector<double>::vector;
  Numbers(std::vector<double> numbers) : std::vector<double>(std::move(numbers)) {}
};

/// The value of a setting: boolean, number (also an integer), text or numbers; monostate if a number without default is
/// not given.
using Value = std::variant<std::monostate, bool, double, std::string, Numbers>;

/// What a plugin declares about one setting.
struct SettingInfo {
  enum class Type { boolean, integer, number, text, choice, numbers };
  std::string name, doc;
  Type type = Type::number;
  Value default_value;
  double min, max;  ///< inclusive; infinite: no bound
  std::vector<std::string> choices;
  bool is_path = false;         ///< a text that names weights as the key `model` does; the plugin gets an absolute path
  std::string unit{}, since{};  ///< unit ("pixels"), version that introduced it; empty: none
  std::vector<std::string> formerly{};  ///< older names, which the host accepts with a warning
};

/// The manifest of one entry. The host reads it without loading the plugin. Info in info.h explains the members.
struct EntryInfo {
  Kind kind = Kind::scheduler;
  std::string id, label, summary, citation, origin, category, best_for, pairs_with;
  std::vector<std::string> aliases, accepts;
  int steps_low = 0, steps_high = 0;  ///< recommended number of steps; 0: not declared
  bool recommended = false;
  std::string noise;                 ///< sampler: its usual kind of noise; empty: torch
  bool needs_unconditional = false;  ///< sampler: it also needs the unconditional prediction
  bool has_own_steps = false;        ///< sampler: it chooses its own sigmas between the first and the last
  bool is_by_hand = false;           ///< scheduler: the user gives each sigma
  bool is_for_flow = false;          ///< scheduler: only for flow models
  std::string restart;               ///< sampler: the `restart` of a config without this key; empty: none
  double guidance_low = 0,
         guidance_high = 0;  ///< sampler: range that suits it; 0: as for others
  double order = 0;          ///< sampler: the declared order of convergence; 0: not declared
  double calls_a_step = 0,
         calls_more = 0;  ///< sampler: evaluations = calls_a_step * steps + calls_more; 0: not declared
  int tier = 1;
  Threads threads = Threads::reentrant;  ///< `usual` is replaced by its meaning
  std::vector<SettingInfo> settings;
  std::string plugin, vendor, version;  ///< the library's name, vendor and version
  std::string library;                  ///< path of the library's file
  std::string stamp;                    ///< identifies the file's contents when its manifest was read
  std::string pinned;  ///< the SHA-256 by which plugins.lock allows the library; empty: no lock applies
};

}  // namespace calotype
