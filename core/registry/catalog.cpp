#include <calotype/error.h>
#include <calotype/host/catalog.h>

#include <algorithm>
#include <tuple>

#include "base/spelling.h"

namespace calotype {

std::string_view name_of(Kind kind) {
  constexpr std::string_view kNames[] = {"", "scheduler", "sampler", "loader", "pipeline"};
  return kNames[int(kind)];
}

std::string Refusal::reason() const {
  return what + ": want " + needed + ", got " + found + "; " + fix + " [" + code + "]";
}

Catalog::Catalog(std::vector<EntryInfo> entries, std::vector<Refusal> refusals, std::vector<SearchedFolder> folders)
    : entries_(std::move(entries)), refusals_(std::move(refusals)), folders_(std::move(folders)) {
  std::sort(entries_.begin(), entries_.end(), [](const EntryInfo& a, const EntryInfo& b) {
    return std::tie(a.kind, a.id, a.library) < std::tie(b.kind, b.id, b.library);
  });
}

std::vector<const EntryInfo*> Catalog::of(Kind kind) const {
  std::vector<const EntryInfo*> out;
  for (const auto& e : entries_)
    if (e.kind == kind) out.push_back(&e);
  return out;
}

std::vector<const EntryInfo*> Catalog::find(Kind kind, std::string_view name) const {
  std::vector<const EntryInfo*> out;
  for (const EntryInfo* e : of(kind)) {
    const auto own = [&](std::string_view n) {
      return n == e->id || std::find(e->aliases.begin(), e->aliases.end(), n) != e->aliases.end();
    };
    const std::string prefix = e->vendor + "/";
    if (own(name) || (!e->vendor.empty() && name.starts_with(prefix) && own(name.substr(prefix.size()))))
      out.push_back(e);
  }
  return out;
}

std::vector<const Refusal*> Catalog::refused(Kind kind, std::string_view id) const {
  std::vector<const Refusal*> out;
  const std::string offer = std::string(name_of(kind)) + " " + std::string(id);
  for (const Refusal& r : refusals_)
    if (std::find(r.offers.begin(), r.offers.end(), offer) != r.offers.end()) out.push_back(&r);
  return out;
}

namespace {

/// What there may be besides the known names: refused libraries, folders that nobody named.
std::string out_of_reach(const Catalog& catalog) {
  std::string out;
  if (const size_t n = catalog.refusals().size())
    out += "; " + std::to_string(n) + (n == 1 ? " library was" : " libraries were") + " refused: calotype list plugins";
  if (catalog.folders().size() == 1 && catalog.folders()[0].origin == kOwnOrigin)
    out += "; for another plugin, name its folder in plugins.path or CALOTYPE_PLUGIN_PATH";
  return out;
}

/// How to write each of them unambiguously: "a/x" or "b/x"; empty if that is not possible.
std::string spellings(const std::vector<const EntryInfo*>& same) {
  std::string out;
  for (const EntryInfo* e : same) {
    const auto is_theirs = [&](const EntryInfo* other) { return other->vendor == e->vendor; };
    if (e->vendor.empty() || std::count_if(same.begin(), same.end(), is_theirs) > 1) continue;
    out += (out.empty() ? "\"" : " or \"") + e->vendor + "/" + e->id + "\"";
  }
  return out;
}

}  // namespace

const EntryInfo& Catalog::get(Kind kind, std::string_view name) const {
  const auto found = find(kind, name);
  const std::string what(name_of(kind));
  if (found.size() == 1) return *found[0];
  if (found.empty()) {
    std::vector<std::string> ids, all;
    for (const EntryInfo* e : of(kind)) {
      ids.push_back(e->id);
      all.push_back(e->id);
      all.insert(all.end(), e->aliases.begin(), e->aliases.end());
      if (!e->vendor.empty()) all.push_back(e->vendor + "/" + e->id);
    }
    const auto refusals = refused(kind, name);
    if (!refusals.empty())
      throw Error(ErrorCode::refused, what + " \"" + std::string(name) + "\" is refused: " + refusals[0]->library +
                                          ": " + refusals[0]->reason());
    throw Error(ErrorCode::config,
                unknown_name(what, name, ids, all, "calotype list " + what + "s") + out_of_reach(*this));
  }
  const EntryInfo &a = *found[0], &b = *found[1];
  std::string text = what + " \"" + std::string(name) + "\" is offered by both " + a.library + " and " + b.library;
  const std::string spelled = spellings(found);
  text += spelled.empty() ? "; remove one of them" : "; write " + spelled;
  text += " [duplicate_id]";
  throw Error(ErrorCode::config, text);
}

}  // namespace calotype
