#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <calotype/host/entry.h>

namespace calotype {

/// A library that was found but will not be loaded, and why: what, found, needed, fix.
struct Refusal {
  std::string library, reason;
};

/// All that the plugins in reach offer. A value; nothing is loaded.
class Catalog {
 public:
  Catalog() = default;
  /// Throws Error (refused) where two libraries offer one name of one kind, naming both files.
  Catalog(std::vector<EntryInfo> entries, std::vector<Refusal> refusals, std::vector<std::string> folders);

  const std::vector<EntryInfo>& entries() const { return entries_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  /// The folders that were searched, in order.
  const std::vector<std::string>& folders() const { return folders_; }
  std::vector<const EntryInfo*> of(Kind kind) const;
  /// By id, alias, or "vendor/id"; null where there is none.
  const EntryInfo* find(Kind kind, std::string_view name) const;
  /// The same, but an unknown name throws Error (config): unknown scheduler "karas"; did you mean "karras"? known: ...
  const EntryInfo& get(Kind kind, std::string_view name) const;

 private:
  std::vector<EntryInfo> entries_;
  std::vector<Refusal> refusals_;
  std::vector<std::string> folders_;
};

}  // namespace calotype
