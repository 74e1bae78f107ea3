#include "folder_files.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "folder_entries.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

void add_files(const fs::path& folder, const fs::path& below, std::set<fs::path>& seen, std::vector<std::string>& out) {
  std::error_code failed;
  if (!seen.insert(fs::canonical(folder, failed)).second) return;
  for (const auto& path : entries_of(folder, failed)) {
    std::error_code none;
    const auto name = below / path.filename();
    if (fs::is_directory(path, none)) add_files(path, name, seen, out);
    else if (fs::is_regular_file(path, none)) out.push_back(name);
  }
}

}  // namespace

std::vector<std::string> files_of(const std::string& folder) {
  std::set<fs::path> seen;
  std::vector<std::string> out;
  add_files(folder, {}, seen, out);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace calotype
