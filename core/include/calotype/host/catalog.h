#pragma once
#include <calotype/host/entry.h>

#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// A library that was found but will not be loaded, and why. Known before any of its code could run.
struct Refusal {
  std::string library;                   ///< its file
  std::string code;                      ///< of the kind of refusal; it stays: "libtorch_version". All: docs/plugins.md
  std::string what, found, needed, fix;  ///< the reason in four parts, each on one line
  std::string output;                    ///< what it wrote to standard error when it crashed, or empty
  std::vector<std::string> offers;       ///< "scheduler karras": as far as its notes can be read
  /// WHAT: found FOUND, needed NEEDED; FIX [CODE]
  std::string reason() const;
};

/// The origin of the folder that came with the program.
inline constexpr std::string_view kOwnOrigin = "the host's own";

/// A folder that was searched for plugins, and what lies in it.
struct SearchedFolder {
  std::string path;
  std::string origin;                  ///< who names it: kOwnOrigin, "plugins.path", "CALOTYPE_PLUGIN_PATH"
  std::string problem;                 ///< why it was not read: "No such file or directory", or empty
  std::vector<std::string> libraries;  ///< the files that lie in it and in no folder before it, or are linked from it
};

/// All that the plugins in reach offer. A value; nothing is loaded.
class Catalog {
 public:
  Catalog() = default;
  Catalog(std::vector<EntryInfo> entries, std::vector<Refusal> refusals, std::vector<SearchedFolder> folders);

  const std::vector<EntryInfo>& entries() const { return entries_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  /// The folders that were searched, in order.
  const std::vector<SearchedFolder>& folders() const { return folders_; }
  std::vector<const EntryInfo*> of(Kind kind) const;
  /// All entries of that id or alias, or of "vendor/id"; more than one where two libraries offer the same name.
  std::vector<const EntryInfo*> find(Kind kind, std::string_view name) const;
  /// The refused libraries that offer that id.
  std::vector<const Refusal*> refused(Kind kind, std::string_view id) const;
  /// The one entry of that name. Throws Error (config) where there is none, with the nearest and all known names, and
  /// where there are two, with both files; Error (refused) where a refused library offers it, with the reason.
  const EntryInfo& get(Kind kind, std::string_view name) const;

 private:
  std::vector<EntryInfo> entries_;
  std::vector<Refusal> refusals_;
  std::vector<SearchedFolder> folders_;
};

}  // namespace calotype
