#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace calotype {

/// The file plugins.lock: the sha256 of each plugin that may be loaded, "SUM  PATH" a line, as sha256sum writes and
/// checks it. What pins is the sum; the path, relative to the file's folder where it lies below, is for people and
/// messages.
class PluginLock {
 public:
  /// Of the lock in a folder; nothing where there is none. Throws Error (config, io, no_input): FILE:LINE: what is
  /// wrong. One that is there and cannot be read is an error too: no plugin is let in without it.
  static std::optional<PluginLock> in(const std::string& folder);
  /// The library's sum. Throws Refused (hash_not_pinned) where it is not in the lock, and (run_path) where it has
  /// others loaded with it from a folder that it names in whole: these have no sum.
  std::string check(const std::string& library) const;

 private:
  std::string path_;
  std::set<std::string> sums_;
  std::map<std::string, std::string> sum_of_name_;  ///< by the file's name without folders
};

/// Writes the lock of a folder for these libraries, and returns its path. Throws Error (cannot_create, io, no_input,
/// bad_data, refused).
std::string write_plugin_lock(const std::string& folder, std::vector<std::string> libraries);

}  // namespace calotype
