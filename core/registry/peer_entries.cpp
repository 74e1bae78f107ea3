#include "registry/peer_entries.h"

#include <cctype>
#include <vector>

namespace calotype {
namespace {

/// The normal form of a name, whose spelling varies between programs: "DPM++ 2M" and "dpmpp_2m" are equal.
std::string plain(std::string_view name) {
  std::string out;
  for (const unsigned char c : name) {
    if (c == '+')
      out += 'p';
    else if (c != ' ' && c != '_' && c != '-' && c != '(' && c != ')')
      out += char(std::tolower(c));
  }
  return out;
}

std::vector<std::string> names_of(const EntryInfo& entry) {
  std::vector<std::string> out{entry.id};
  out.insert(out.end(), entry.aliases.begin(), entry.aliases.end());
  return out;
}

/// The name of the entry with this normal form: an id or alias, else the id of an entry with this label. "": there is
/// none.
std::string name_like(const std::vector<const EntryInfo*>& entries, const std::string& wanted) {
  std::string shown;
  for (const EntryInfo* e : entries) {
    for (const auto& name : names_of(*e))
      if (plain(name) == wanted) return name;
    if (shown.empty() && plain(e->label) == wanted && e->id.find('@') == e->id.npos) shown = e->id;
  }
  return shown;
}

/// "sampler: euler and scheduler: karras" if the word is made of both names, else "".
std::string pair_like(const Catalog& catalog, const std::string& wanted) {
  const auto samplers = catalog.of(Kind::sampler), schedulers = catalog.of(Kind::scheduler);
  for (size_t size = wanted.size(); size-- > 1;) {
    const std::string sampler = name_like(samplers, wanted.substr(0, size));
    const std::string scheduler = sampler.empty() ? "" : name_like(schedulers, wanted.substr(size));
    if (!scheduler.empty()) return "sampler: " + sampler + " and scheduler: " + scheduler;
  }
  return "";
}

}  // namespace

std::string hint_for_entry(const Catalog& catalog, Kind kind, std::string_view name) {
  constexpr size_t kLongest = 64;
  if (name.size() > kLongest || (kind != Kind::sampler && kind != Kind::scheduler)) return "";
  const std::string wanted = plain(name);
  if (wanted.empty()) return "";
  if (const auto same = name_like(catalog.of(kind), wanted); !same.empty()) return "here it is \"" + same + "\"";
  if (const auto both = pair_like(catalog, wanted); !both.empty()) return "here these are two: " + both;
  const Kind other = kind == Kind::sampler ? Kind::scheduler : Kind::sampler;
  const std::string what(name_of(other));
  const std::string same = name_like(catalog.of(other), wanted);
  return same.empty() ? "" : "\"" + same + "\" is a " + what + ": write " + what + ": " + same;
}

}  // namespace calotype
