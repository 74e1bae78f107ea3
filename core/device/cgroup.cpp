#include "device/cgroup.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// What the files of a version are called.
struct Version {
  const char *folder, *limit, *used, *cached;
};
constexpr Version kOne{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                       "total_inactive_file"};
constexpr Version kTwo{"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"};

std::optional<uint64_t> number_in(const fs::path& file) {
  uint64_t out = 0;
  return std::ifstream(file) >> out ? std::optional(out) : std::nullopt;  // "max" is none
}

uint64_t cached_in(const fs::path& group, std::string_view name) {
  std::ifstream stat(group / "memory.stat");
  uint64_t bytes = 0;
  for (std::string found; stat >> found >> bytes;)
    if (found == name) return bytes;
  return 0;
}

std::optional<uint64_t> left_in(const fs::path& group, const Version& version) {
  const auto limit = number_in(group / version.limit), used = number_in(group / version.used);
  if (!limit || !used) return std::nullopt;
  const uint64_t taken = *used - std::min(*used, cached_in(group, version.cached));
  return *limit - std::min(*limit, taken);
}

/// The path of this process' group: "" where the version has no memory in it, "/" where nothing more is known.
std::string group_of(const std::string& root, const Version& version) {
  std::ifstream lines(root + "/proc/self/cgroup");
  if (!lines) return "/";
  for (std::string line; std::getline(lines, line);) {
    const size_t controllers = line.find(':'), path = line.find(':', controllers + 1);
    if (path == line.npos) continue;
    const std::string among = "," + line.substr(controllers + 1, path - controllers - 1) + ",";
    if (&version == &kTwo ? among == ",," : among.find(",memory,") != among.npos) return line.substr(path + 1);
  }
  return "";
}

}  // namespace

std::optional<uint64_t> left_in_control_groups(const std::string& root) {
  std::optional<uint64_t> least;
  for (const Version* version : {&kOne, &kTwo}) {
    const std::string path = group_of(root, *version);
    if (path.empty()) continue;
    // a container sees its own group as the uppermost, but by the path that it has outside: what is not there gives
    // nothing
    for (fs::path group = fs::path(path).lexically_normal();; group = group.parent_path()) {
      const auto left = left_in(root + version->folder + group.string(), *version);
      if (left) least = std::min(least.value_or(*left), *left);
      if (!group.has_relative_path()) break;
    }
  }
  return least;
}

}  // namespace calotype
