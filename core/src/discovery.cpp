#include "discovery.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "folder_entries.h"
#include "note.h"

namespace calotype {
namespace fs = std::filesystem;

std::string own_folder() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&own_folder), &info);
  std::error_code none;
  return (fs::canonical(info.dli_fname, none).parent_path() / "calotype").string();
}

std::string own_plugin_folder() { return own_folder() + "/plugins"; }

std::vector<std::string> split_paths(const std::string& value) {
  std::vector<std::string> out;
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find(':', at), value.size());
    if (end > at) out.push_back(value.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::vector<std::string> environment_plugin_folders() {
  const char* variable = secure_getenv("CALOTYPE_PLUGIN_PATH");
  return split_paths(variable ? variable : "");
}

Catalog discover(const std::vector<std::string>& folders) {
  std::vector<EntryInfo> entries;
  std::vector<Refusal> refusals;
  std::set<fs::path> seen;
  for (const auto& folder : folders) {
    std::error_code none;
    std::vector<fs::path> files;
    for (const auto& file : entries_of(folder, none))
      if (file.extension() == ".so") files.push_back(fs::weakly_canonical(file, none));
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      if (!seen.insert(file).second) continue;
      LibraryNotes notes = read_notes(file);
      if (!notes.refusal.empty()) refusals.push_back({file, notes.refusal});
      std::move(notes.entries.begin(), notes.entries.end(), std::back_inserter(entries));
    }
  }
  return {std::move(entries), std::move(refusals), folders};
}

}  // namespace calotype
