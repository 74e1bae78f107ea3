#pragma once
#include <calotype/threads.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace calotype {

enum class Kind { scheduler = 1, sampler, loader, pipeline };

/// "scheduler", "sampler", "loader", "pipeline"
std::string_view name_of(Kind kind);

/// Numbers, as a setting's value. A type of its own: of a variant of the standard library's types alone GCC 12 believes
/// that no copy can throw, and for want of memory one does.
struct Numbers : std::vector<double> {
  using std::vector<double>::vector;
  Numbers(std::vector<double> numbers) : std::vector<double>(std::move(numbers)) {}
};

/// A setting's value: boolean, number (integers too), text, numbers; nothing where a number without default is not
/// given.
using Value = std::variant<std::monostate, bool, double, std::string, Numbers>;

/// What a plugin declares of one of its settings.
struct SettingInfo {
  enum class Type { boolean, integer, number, text, choice, numbers };
  std::string name, doc;
  Type type = Type::number;
  Value default_value;
  double min, max;  ///< inclusive; infinite where there is no bound
  std::vector<std::string> choices;
  bool is_path = false;         ///< a text that names weights as `model` does; the plugin is given an absolute path
  std::string unit{}, since{};  ///< "pixels"; the plugin's version that first had it; empty: not said
  std::vector<std::string> formerly{};  ///< older names, which work and are warned of
};

/// What a plugin's note says of one of its entries. Known without loading the plugin.
struct EntryInfo {
  Kind kind = Kind::scheduler;
  std::string id, label, summary, citation, origin, category, best_for, pairs_with;
  std::vector<std::string> aliases, accepts;
  int steps_low = 0, steps_high = 0;  ///< how many steps people use; 0: not said
  bool recommended = false;
  std::string noise;                 ///< of a sampler: the kind of noise that it is usually given; empty: torch
  bool needs_unconditional = false;  ///< of a sampler: it asks for the estimate without guidance too
  bool has_own_steps = false;        ///< of a sampler: between the first and the last sigma it chooses its own
  bool is_by_hand = false;           ///< of a scheduler: each sigma is the user's
  bool is_for_flow = false;          ///< of a scheduler: for flow models alone
  std::string restart;               ///< of a sampler: the `restart` of a config that says none; empty: none
  double guidance_low = 0, guidance_high = 0;  ///< of a sampler: the guidance_scale that suits it; 0: what suits others
  double order = 0;                            ///< of a sampler: that it promises; 0: none
  double calls_a_step = 0,
         calls_more = 0;  ///< of a sampler: model evaluations, calls_a_step * steps + calls_more; 0: not said
  int tier = 1;
  Threads threads = Threads::reentrant;  ///< never `usual`
  std::vector<SettingInfo> settings;
  std::string plugin, vendor, version;  ///< of the library
  std::string library;                  ///< its file
  std::string stamp;                    ///< of that file when its note was read: it changes with the file
  std::string pinned;                   ///< the sha256 by which plugins.lock lets it in; empty: no lock was asked
};

}  // namespace calotype
