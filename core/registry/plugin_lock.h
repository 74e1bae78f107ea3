#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace calotype {

/// The file plugins.lock: the SHA-256 of each plugin that may be loaded, a line "SUM PATH" each, in the format of
/// sha256sum. Only the sum counts. The path, relative to the lock's folder if it is below, is for people and messages.
class PluginLock {
 public:
  /// Reads the lock in a folder; nothing if there is none. Throws Error (config, io, no_input): FILE:LINE: what is
  /// wrong. A lock that exists and cannot be read is an error, so that no plugin is loaded without it.
  static std::optional<PluginLock> in(const std::string& folder);
  /// The library's sum. Throws Refused (hash_not_pinned) if it is not in the lock, and (run_path) if the library has
  /// others loaded by a full path: these have no sum.
  std::string check(const std::string& library) const;

 private:
  std::string path_;
  std::set<std::string> sums_;
  std::map<std::string, std::string> sum_of_name_;  ///< by file name, without folders
};

/// Writes the lock of a folder for these libraries and returns its path. Throws Error (cannot_create, io, no_input,
/// bad_data, refused).
std::string write_plugin_lock(const std::string& folder, std::vector<std::string> libraries);

}  // namespace calotype
