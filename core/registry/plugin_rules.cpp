#include "registry/plugin_rules.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/spelling.h"
#include "registry/plugin_owners.h"
#include "registry/refusal.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

std::string signal_text(int number) {
  const char* name = sigabbrev_np(number);
  return number == 0 ? "an end" : name ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

void check_crash(const Crash& crash) {
  Refusal r{"",
            "crashed",
            "ended the process that tried it",
            signal_text(crash.signal) + (crash.last_call.empty() ? "" : " in " + crash.last_call),
            "a plugin that ends no process",
            "rebuild it, or try this file again with --retry",
            crash.standard_error,
            {}};
  throw Refused(r);
}

}  // namespace

bool PluginAdmission::is_left_out(const std::string& name) {
  if (std::find(rules_.without.begin(), rules_.without.end(), name) == rules_.without.end()) return false;
  left_out_.insert(name);
  return true;
}

void PluginAdmission::leave_out(std::vector<EntryInfo>& entries, const std::string& library) {
  const auto refuse_it = [](const std::string& name) {
    refuse("left_out", "left out", "--without " + name, "a run without that option", "take it away");
  };
  for (const auto& name : {library, fs::path(library).filename().string(), fs::path(library).stem().string()})
    if (is_left_out(name)) refuse_it(name);
  for (const auto& e : entries)
    if (is_left_out(e.plugin)) refuse_it(e.plugin);
  std::string last;
  const auto is_out = [&](const EntryInfo& e) {
    std::vector<std::string> names{e.id, e.vendor + "/" + e.id};
    names.insert(names.end(), e.aliases.begin(), e.aliases.end());
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& n) { return is_left_out(n); });
    if (found != names.end()) last = *found;
    return found != names.end();
  };
  const bool had_some = !entries.empty();
  entries.erase(std::remove_if(entries.begin(), entries.end(), is_out), entries.end());
  if (had_some && entries.empty()) refuse_it(last);
}

void PluginAdmission::check(LibraryManifests& manifests, const std::string& library, const std::string& folder,
                            bool is_own) {
  is_own ? check_own_owners(library, folder) : check_owners(library, folder);
  if (!is_own && rules_.vendors)
    for (const auto& e : manifests.entries)
      if (std::find(rules_.vendors->begin(), rules_.vendors->end(), e.vendor) == rules_.vendors->end()) {
        std::string allowed;
        for (const auto& v : *rules_.vendors) allowed += (allowed.empty() ? "" : ", ") + v;
        refuse("vendor_not_allowed", "of a vendor that plugins.allow does not name",
               e.vendor.empty() ? "no vendor" : e.vendor, allowed.empty() ? "none" : "one of " + allowed,
               "add the vendor to plugins.allow, if you trust it");
      }
  if (!is_own && rules_.lock) {
    const std::string sum = rules_.lock->check(library);
    for (auto& e : manifests.entries) e.pinned = sum;
  }
  if (const auto crash = crashes_.of(library)) {
    if (!rules_.retry) check_crash(*crash);
    forget_crash(library);
  }
}

LibraryManifests PluginAdmission::look_at(const std::string& library, const std::string& folder, bool is_own) {
  LibraryManifests out = read_manifests(library);
  std::vector<std::string> offers;
  for (const auto& e : out.entries) offers.push_back(std::string(name_of(e.kind)) + " " + e.id);
  std::sort(offers.begin(), offers.end());
  try {
    leave_out(out.entries, library);
    if (!out.refusal) check(out, library, folder, is_own);
  } catch (const Refused& e) {
    if (out.refusal) offers = std::move(out.refusal->offers);
    out.entries.clear();
    out.refusal = e.refusal();
    out.refusal->library = library;
    out.refusal->offers = std::move(offers);
  }
  return out;
}

void PluginAdmission::check_without(const std::vector<std::string>& known) const {
  for (const auto& name : rules_.without)
    if (!left_out_.contains(name))
      throw Error(ErrorCode::config,
                  "--without " + name + ": " + unknown_name("plugin or id", name, known, {}, "calotype list"));
}

}  // namespace calotype
