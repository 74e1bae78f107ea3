#include "base/temporary_folder.h"

#include <calotype/error.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string_view>
#include <utility>

namespace calotype {
namespace {

/// Removes what it can. Allocates no memory except in nftw, and throws nothing.
void remove_all(const char* folder) {
  constexpr int kMostOpen = 16;
  nftw(
      folder, [](const char* path, const struct stat*, int, FTW*) { return std::remove(path), 0; }, kMostOpen,
      FTW_DEPTH | FTW_PHYS);
}

/// Opens and locks a folder; -1 if there is none, or if a living process holds it.
int locked(const char* path) {
  const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat s{};
  if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) == 0 && fstat(folder, &s) == 0 && s.st_uid == geteuid())
    return folder;
  if (folder >= 0) close(folder);
  return -1;
}

void remove_left(const std::string& parent, std::string_view start) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(parent.c_str()), closedir);
  while (const dirent* entry = entries ? readdir(entries.get()) : nullptr) {
    if (!std::string_view(entry->d_name).starts_with(start)) continue;
    const std::string path = parent + "/" + entry->d_name;
    const int folder = locked(path.c_str());
    if (folder < 0) continue;
    remove_all(path.c_str());
    close(folder);
  }
}

/// False if another process took it for the folder of a dead process before it was locked.
bool is_there_still(const std::string& path, int folder) {
  struct stat open{}, named{};
  return fstat(folder, &open) == 0 && stat(path.c_str(), &named) == 0 && open.st_ino == named.st_ino &&
         open.st_dev == named.st_dev;
}

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& parent, const std::string& start, mode_t mode) {
  remove_left(parent, start);
  std::random_device random;
  while (lock_ < 0) {
    path_ = parent + "/" + start + std::to_string(random());
    if (mkdir(path_.c_str(), mode) != 0) {
      if (errno == EEXIST) continue;
      throw Error(ErrorCode::cannot_create, path_ + ": cannot be made: " + std::strerror(errno));
    }
    lock_ = locked(path_.c_str());
    if (lock_ >= 0 && is_there_still(path_, lock_)) return;
    if (lock_ >= 0)
      close(std::exchange(lock_, -1));
    else if (const int cause = errno; rmdir(path_.c_str()) == 0)
      throw Error(ErrorCode::cannot_create, path_ + ": cannot be locked: " + std::strerror(cause));
  }
}

TemporaryFolder::~TemporaryFolder() {
  if (!path_.empty()) remove_all(path_.c_str());
  close(lock_);
}

void TemporaryFolder::rename(const std::string& name) {
  if (std::rename(path_.c_str(), name.c_str()) != 0)
    throw Error(ErrorCode::cannot_create, name + ": cannot be created: " + std::strerror(errno));
  path_.clear();
}

}  // namespace calotype
