#include "registry/discovery.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>
#include <sys/auxv.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/folder_entries.h"
#include "base/install_folder.h"
#include "base/user_paths.h"

namespace calotype {
namespace fs = std::filesystem;

std::vector<PluginFolder> environment_plugin_folders() {
  constexpr const char* kName = "CALOTYPE_PLUGIN_PATH";
  const char* variable = std::getenv(kName);
  const std::string problem = getauxval(AT_SECURE) ? "ignored: this program runs with more rights than its user" : "";
  std::vector<PluginFolder> out;
  for (auto& path : split_paths(variable ? variable : "")) out.push_back({std::move(path), kName, problem});
  return out;
}

namespace {

/// The path with links resolved; unchanged if it leads to no file, such as a link to itself.
std::string true_path(const fs::path& file) {
  std::error_code failed;
  const fs::path found = fs::canonical(file, failed);
  if (!failed) return found;
  if (!means_nothing(failed)) fail_to_look(file, failed);
  return fs::absolute(file).lexically_normal();
}

/// The *.so files in a folder, by their resolved paths, sorted. Throws Error (io) if the folder cannot be read to its
/// end: a shorter list would look like another folder.
std::vector<std::string> libraries_in(const std::string& folder, std::string& problem) {
  std::error_code failed;
  std::vector<std::string> out;
  for (const auto& file : entries_of(folder, failed))
    if (file.extension() == ".so") out.push_back(true_path(file));
  if (failed && !means_nothing(failed)) fail_to_look(folder, failed);
  if (failed) problem = failed.message();
  std::sort(out.begin(), out.end());
  return out;
}

/// All names that `without` may contain.
std::vector<std::string> names_of(const std::vector<EntryInfo>& entries) {
  std::set<std::string> out;
  for (const auto& e : entries) {
    out.insert(e.plugin), out.insert(e.id);
    out.insert(e.aliases.begin(), e.aliases.end());
  }
  return {out.begin(), out.end()};
}

}  // namespace

Catalog discover(const std::vector<PluginFolder>& folders, PluginRules rules) {
  const std::string own = own_plugin_folder();
  std::vector<EntryInfo> entries;
  std::vector<Refusal> refusals;
  std::vector<SearchedFolder> searched;
  std::set<std::string> seen;
  PluginAdmission gate(std::move(rules));
  for (const auto& [path, origin, problem] : folders) {
    SearchedFolder folder{path, origin, problem, {}};
    for (auto& file : problem.empty() ? libraries_in(path, folder.problem) : std::vector<std::string>()) {
      if (!seen.insert(file).second) continue;
      LibraryManifests manifests = gate.look_at(file, path, path == own);
      if (manifests.refusal) refusals.push_back(std::move(*manifests.refusal));
      std::move(manifests.entries.begin(), manifests.entries.end(), std::back_inserter(entries));
      folder.libraries.push_back(std::move(file));
    }
    searched.push_back(std::move(folder));
  }
  gate.check_without(names_of(entries));
  return {std::move(entries), std::move(refusals), std::move(searched)};
}

Catalog discover(const std::vector<std::string>& folders) {
  std::vector<PluginFolder> named;
  for (const auto& path : folders) named.push_back({path, "", ""});
  return discover(named, {});
}

}  // namespace calotype
