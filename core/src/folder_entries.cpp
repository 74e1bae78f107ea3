#include "folder_entries.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

namespace calotype {

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder, std::error_code& failed) {
  std::vector<std::filesystem::path> out;
  failed.clear();
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (!open) {
    failed = {errno, std::generic_category()};
    return out;
  }
  while (const dirent* entry = readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") out.push_back(folder / name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace calotype
