#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/crash_memory.h"
#include "registry/manifest.h"
#include "registry/plugin_lock.h"

namespace calotype {

/// The rules for plugins, besides that they fit the host.
struct PluginRules {
  std::optional<std::vector<std::string>> vendors;  ///< plugins.allow; absent: every vendor
  std::optional<PluginLock> lock;                   ///< plugins.lock; absent: every file
  std::vector<std::string> without;                 ///< ids, plugin names or files that are excluded
  bool retry = false;                               ///< accept plugins that crashed, and remove their records
};

/// Reads a library's manifests and applies the rules.
class PluginAdmission {
 public:
  explicit PluginAdmission(PluginRules rules) : rules_(std::move(rules)) {}
  /// `folder`: the searched folder. `is_own`: the plugin is installed with the host; vendors and lock then do not
  /// apply.
  LibraryManifests look_at(const std::string& library, const std::string& folder, bool is_own);
  /// Throws Error (config) if a name of `without` matched nothing; `known`: all names.
  void check_without(const std::vector<std::string>& known) const;

 private:
  void check(LibraryManifests& manifests, const std::string& library, const std::string& folder, bool is_own);
  void leave_out(std::vector<EntryInfo>& entries, const std::string& library);
  bool is_left_out(const std::string& name);
  PluginRules rules_;
  CrashMemory crashes_;
  std::set<std::string> left_out_;  ///< names of `without` that matched
};

}  // namespace calotype
