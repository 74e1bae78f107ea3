#include "discovery.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "note.h"

namespace calotype {
namespace fs = std::filesystem;

std::string own_plugin_folder() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&own_plugin_folder), &info);
  std::error_code none;
  return (fs::canonical(info.dli_fname, none).parent_path() / "calotype" / "plugins").string();
}

std::vector<std::string> environment_plugin_folders() {
  std::vector<std::string> out;
  const char* variable = secure_getenv("CALOTYPE_PLUGIN_PATH");
  const std::string value = variable ? variable : "";
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find(':', at), value.size());
    if (end > at) out.push_back(value.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Catalog discover(const std::vector<std::string>& folders) {
  std::vector<EntryInfo> entries;
  std::vector<Refusal> refusals;
  std::set<fs::path> seen;
  for (const auto& folder : folders) {
    std::error_code none;
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(folder, none))
      if (file.path().extension() == ".so") files.push_back(fs::weakly_canonical(file.path(), none));
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
