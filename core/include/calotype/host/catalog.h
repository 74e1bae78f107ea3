#pragma once
#include <calotype/export.h>
#include <calotype/host/entry.h>

#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// A library on the search path that the host will not load, and why. The host decides it before any code of the
/// library runs.
struct Refusal {
  std::string library;  ///< path of its file
  std::string code;     ///< the refusal code, which never changes: "libtorch_version". All codes: docs/plugins.md
  std::string what, found, needed, fix;  ///< the four parts of the reason, one line each
  std::string output;                    ///< what it wrote to standard error when it crashed; empty: nothing
  std::vector<std::string> offers;       ///< what it offers, as far as its manifests are readable: "scheduler karras"
  /// The reason as one text: WHAT: found FOUND, needed NEEDED; FIX [CODE]
  CALOTYPE_API std::string reason() const;
};

/// The origin of the folder that is installed with the host.
inline constexpr std::string_view kOwnOrigin = "the host's own";

/// A folder on the search path, and what it contains.
struct SearchedFolder {
  std::string path;
  std::string origin;   ///< what put it on the search path: kOwnOrigin, "plugins.path", "CALOTYPE_PLUGIN_PATH"
  std::string problem;  ///< why the host could not read it: "No such file or directory"; empty: it could
  std::vector<std::string>
      libraries;  ///< its library files and links to library files, without those of an earlier folder
};

/// Everything that the plugins on the search path offer. A value; to make it, the host loads no plugin.
class CALOTYPE_API Catalog {
 public:
  Catalog() = default;
  Catalog(std::vector<EntryInfo> entries, std::vector<Refusal> refusals, std::vector<SearchedFolder> folders);

  const std::vector<EntryInfo>& entries() const { return entries_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  /// The search path, in order.
  const std::vector<SearchedFolder>& folders() const { return folders_; }
  std::vector<const EntryInfo*> of(Kind kind) const;
  /// All entries with this id or alias, or of "vendor/id"; more than one if two libraries offer the same name.
  std::vector<const EntryInfo*> find(Kind kind, std::string_view name) const;
  /// The refused libraries that offer this id.
  std::vector<const Refusal*> refused(Kind kind, std::string_view id) const;
  /// The entry of this name. Throws Error (config) if there is none, with the nearest names and all known names, or if
  /// there are two, with both files; Error (refused) if only a refused library offers it, with the reason.
  const EntryInfo& get(Kind kind, std::string_view name) const;

 private:
  std::vector<EntryInfo> entries_;
  std::vector<Refusal> refusals_;
  std::vector<SearchedFolder> folders_;
};

}  // namespace calotype
