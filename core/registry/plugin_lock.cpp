#include "registry/plugin_lock.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "registry/elf_library.h"
#include "registry/plugin_owners.h"
#include "registry/refusal.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostBytes = 4 << 20, kSumDigits = 64;

bool is_line(const std::string& line) {
  return line.size() > kSumDigits + 2 && line.find_first_not_of("0123456789abcdef") == kSumDigits &&
         line[kSumDigits] == ' ' && (line[kSumDigits + 1] == ' ' || line[kSumDigits + 1] == '*');
}

std::string path_in(const std::string& folder, const std::string& library) {
  const fs::path below = fs::path(library).lexically_relative(fs::weakly_canonical(folder));
  return below.empty() || *below.begin() == ".." ? library : below.string();
}

/// Throws Error if the system does not answer.
bool is_there(const std::string& path) {
  struct stat s{};
  if (lstat(path.c_str(), &s) != 0) {
    if (errno == ENOENT) return false;
    throw Error(ErrorCode::io, path + ": cannot be read: " + std::strerror(errno));
  }
  std::error_code none;
  if (!S_ISLNK(s.st_mode) || fs::exists(path, none)) return true;
  throw Error(ErrorCode::no_input,
              path + ": a link to a file that is not there; put the lock there, or take the link away");
}

/// A library that is needed by its full path is loaded too and has no sum in the lock. Throws Refused.
void check_whole_paths(const std::string& library) {
  const ElfLibrary elf(library);
  elf.check();
  const auto check = [](const std::string& path, const std::string& what) {
    if (path.starts_with('/') || path.find("..") != path.npos)
      refuse("run_path", "loads libraries that plugins.lock does not pin", what,
             "none by a whole path, and none from a folder above its own",
             "link it without a run path, and what it needs into it");
  };
  for (const auto& name : elf.needed())
    if (name.find('/') != name.npos) check(name, "a need of \"" + name + '"');
  for (const auto& all : elf.run_paths())
    for (size_t begin = 0; begin < all.size(); begin = std::min(all.find(':', begin), all.size()) + 1)
      check(all.substr(begin, all.find(':', begin) - begin), "the run path \"" + all + '"');
}

}  // namespace

std::optional<PluginLock> PluginLock::in(const std::string& folder) {
  PluginLock out;
  out.path_ = folder + "/plugins.lock";
  if (!is_there(out.path_)) return {};
  check_lock_owners(out.path_);
  const std::string text = read_file(out.path_, kMostBytes);
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    ++number, at = end + 1;
    if (!is_line(line))
      throw Error(ErrorCode::config, out.path_ + ":" + std::to_string(number) +
                                         ": want a sha256, two spaces and a path, got \"" + one_line(line) +
                                         "\"; calotype plugin lock CONFIG writes it");
    out.sums_.insert(line.substr(0, kSumDigits));
    out.sum_of_name_[fs::path(line.substr(kSumDigits + 2)).filename()] = line.substr(0, kSumDigits);
  }
  return out;
}

std::string PluginLock::check(const std::string& library) const {
  std::string sum = sha256_of_file(library);
  if (sums_.contains(sum)) return check_whole_paths(library), sum;
  const auto pinned = sum_of_name_.find(fs::path(library).filename());
  refuse("hash_not_pinned", "not the file that " + path_ + " pins", "sha256 " + sum,
         pinned == sum_of_name_.end() ? sums_.empty()
                                            ? "none, as it pins no file"
                                            : "one of the " + std::to_string(sums_.size()) + " that are pinned"
                                      : "sha256 " + pinned->second,
         "put the pinned file back, or pin this one: calotype plugin lock CONFIG");
}

std::string write_plugin_lock(const std::string& folder, std::vector<std::string> libraries) {
  std::sort(libraries.begin(), libraries.end());
  libraries.erase(std::unique(libraries.begin(), libraries.end()), libraries.end());
  std::string text;
  for (const auto& library : libraries) {
    const std::string path = path_in(folder, library);
    if (path.find_first_of("\n\\") != path.npos)
      throw Error(ErrorCode::bad_data, "plugins.lock: want a path without line breaks and backslashes, got \"" +
                                           one_line(path) + "\"; rename it");
    try {
      check_whole_paths(library);
    } catch (const Refused& e) {
      throw Error(e.code(), "plugins.lock: " + library + ": " + e.what());
    }
    text += sha256_of_file(library) + "  " + path + "\n";
  }
  const std::string out = folder + "/plugins.lock";
  write_file(out, text);
  return out;
}

}  // namespace calotype
