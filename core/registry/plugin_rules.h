#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/crash_memory.h"
#include "registry/manifest.h"
#include "registry/plugin_lock.h"

namespace calotype {

/// What is asked of a plugin besides that it fits.
struct PluginRules {
  std::optional<std::vector<std::string>> vendors;  ///< plugins.allow; absent: every vendor's
  std::optional<PluginLock> lock;                   ///< plugins.lock; absent: every file
  std::vector<std::string> without;                 ///< ids, names of plugins, or files that are left out
  bool retry = false;                               ///< let in what crashed, and forget that it did
};

/// Reads a library's notes and looks whether it may be let in.
class PluginAdmission {
 public:
  explicit PluginAdmission(PluginRules rules) : rules_(std::move(rules)) {}
  /// `folder` is the one that was searched. `is_own`: what came with the host, which needs no leave of vendors and
  /// lock.
  LibraryManifests look_at(const std::string& library, const std::string& folder, bool is_own);
  /// Throws Error (config) where a name of `without` was none of anything; `known` are the names that there are.
  void check_without(const std::vector<std::string>& known) const;

 private:
  void check(LibraryManifests& notes, const std::string& library, const std::string& folder, bool is_own);
  void leave_out(std::vector<EntryInfo>& entries, const std::string& library);
  bool is_left_out(const std::string& name);
  PluginRules rules_;
  CrashMemory crashes_;
  std::set<std::string> left_out_;  ///< names of `without` that were found
};

}  // namespace calotype
