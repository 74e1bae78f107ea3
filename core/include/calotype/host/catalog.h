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
  Catalog(std::vector<EntryInfo> entries, std::vector<Refusal> refusals, std::vector<std::string> folders);

  const std::vector<EntryInfo>& entries() const { return entries_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  /// The folders that were searched, in order.
  const std::vector<std::string>& folders() const { return folders_; }
  std::vector<const EntryInfo*> of(Kind kind) const;
  /// All entries of that id or alias, or of "vendor/id"; more than one where two libraries offer the same name.
  std::vector<const EntryInfo*> find(Kind kind, std::string_view name) const;
  /// The one entry of that name. Throws Error (config) where there is none, with the nearest and all known names, and where
  /// there are two, with both files.
  const EntryInfo& get(Kind kind, std::string_view name) const;

 private:
  std::vector<EntryInfo> entries_;
  std::vector<Refusal> refusals_;
  std::vector<std::string> folders_;
};

}  // namespace calotype
