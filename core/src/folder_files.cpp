#include "folder_files.h"

#include <calotype/file_kind.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "folder_entries.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

void add_files(const fs::path& folder, const fs::path& below, std::set<fs::path>& seen, std::vector<std::string>& out) {
  std::error_code failed;
  if (!seen.insert(fs::canonical(folder)).second) return;
  for (const auto& path : entries_of(folder, failed)) {
    const auto name = below / path.filename();
    const FileKind kind = kind_of(path);
    if (kind == FileKind::folder) add_files(path, name, seen, out);
    if (kind == FileKind::file) out.push_back(name);
  }
  if (failed) fail_to_look(folder, failed);
}

}  // namespace

std::vector<std::string> files_of(const std::string& folder) {
  std::set<fs::path> seen;
  std::vector<std::string> out;
  if (!is_there(folder)) return out;
  add_files(folder, {}, seen, out);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace calotype
