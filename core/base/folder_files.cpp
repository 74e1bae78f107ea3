#include "base/folder_files.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/folder_entries.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMost = 20000;

void add_files(const fs::path& folder, const fs::path& below, std::set<fs::path>& seen, std::vector<std::string>& out) {
  std::error_code failed;
  if (!seen.insert(fs::canonical(folder)).second) return;
  for (const auto& path : entries_of(folder, failed)) {
    const auto name = below / path.filename();
    const FileKind kind = kind_of(path);
    if (kind == FileKind::folder) add_files(path, name, seen, out);
    if (kind == FileKind::file) out.push_back(name);
    if (out.size() + seen.size() > kMost)
      throw Error(
          ErrorCode::bad_data,
          folder.string() + ": more than " + std::to_string(kMost) +
              " files in and below the folder that was given; want a model's own folder, without links to others");
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

std::vector<std::string> model_files_of(const std::string& path) {
  std::vector<std::string> out;
  if (is_folder(path)) {
    for (const auto& file : files_of(path)) out.push_back(path + "/" + file);
    return out;
  }
  out.push_back(path);
  if (const std::string config = fs::path(path).parent_path() / "config.json"; is_there(config)) out.push_back(config);
  return out;
}

}  // namespace calotype
