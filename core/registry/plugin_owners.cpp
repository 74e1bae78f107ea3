#include "registry/plugin_owners.h"

#include <calotype/file_kind.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/install_folder.h"
#include "registry/refusal.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// The users who may own loaded files, besides root.
struct Trusted {
  uid_t user, other;
  bool is_one(uid_t owner) const { return owner == 0 || owner == user || owner == other; }
};

std::string mode_text(const struct stat& s, const std::string& path) {
  char mode[16];
  std::snprintf(mode, sizeof mode, "mode %04o", s.st_mode & 07777u);
  return std::string(mode) + " of " + path;
}

/// `file`: what is in the folder `path`, or the file itself.
void check(const std::string& path, const std::string& file, Trusted trusted, bool with_groups) {
  struct stat s{}, f{};
  if (stat(path.c_str(), &s) != 0) fail_to_look(path, {errno, std::generic_category()});
  if (!trusted.is_one(s.st_uid))
    refuse("other_owner", "another user may change it", "user " + std::to_string(s.st_uid) + " as owner of " + path,
           "this user, " + std::to_string(trusted.user) + ", or root",
           "copy it to a folder of your own, or chown " + path);
  // in a folder such as /tmp, users can replace only their own files
  if (S_ISDIR(s.st_mode) && (s.st_mode & S_ISVTX) && stat(file.c_str(), &f) == 0 && trusted.is_one(f.st_uid)) return;
  if (s.st_mode & S_IWOTH)
    refuse("world_writable", "every user may change it", mode_text(s, path),
           "a file and a folder that others may not write to", "chmod o-w " + path);
  if (with_groups && (s.st_mode & S_IWGRP))
    refuse("group_writable", "a group may change it", mode_text(s, path),
           "a file and a folder that no group may write to", "chmod g-w " + path);
}

}  // namespace

void check_owners(const std::string& library, const std::string& folder) {
  const Trusted trusted{geteuid(), geteuid()};
  check(library, library, trusted, true);
  check(folder, library, trusted, true);
  for (const auto& path : {fs::path(library), fs::absolute(folder).lexically_normal()})
    for (fs::path at = path; at.has_relative_path(); at = at.parent_path()) check(at.parent_path(), at, trusted, true);
}

void check_lock_owners(const std::string& lock) {
  try {
    check(lock, lock, {geteuid(), geteuid()}, false);
  } catch (const Refused& e) {
    throw Error(ErrorCode::refused, lock + ": " + e.what());
  }
}

void check_own_owners(const std::string& library, const std::string& folder) {
  struct stat host{};
  const Trusted trusted{geteuid(), stat(own_folder().c_str(), &host) == 0 ? host.st_uid : geteuid()};
  for (const std::string& path : {library, fs::path(library).parent_path().string(), folder})
    check(path, library, trusted, false);
}

}  // namespace calotype
