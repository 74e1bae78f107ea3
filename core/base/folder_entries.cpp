#include "base/folder_entries.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <string_view>

namespace calotype {

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder, std::error_code& failed) {
  std::vector<std::filesystem::path> out;
  failed.clear();
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (!open) {
    if (errno == ENOMEM) throw std::bad_alloc();
    failed = {errno, std::generic_category()};
    return out;
  }
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(open.get());
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") out.push_back(folder / name);
  }
  failed = {errno, std::generic_category()};
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace calotype
