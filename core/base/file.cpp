#include "base/file.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>

namespace calotype {
namespace fs = std::filesystem;

namespace {

/// Waits until there is data to read: a pipe that was opened without waiting reports "later" until then.
void wait_for_bytes(int descriptor) {
  pollfd wanted{descriptor, POLLIN, 0};
  poll(&wanted, 1, -1);
}

/// The data up to the end. More than `most` bytes is an error.
std::string read_all(int descriptor, const std::string& name, size_t most, size_t expected = 0) {
  std::string out;
  out.reserve(std::min(expected, most) + 1);
  char block[1 << 16];
  for (;;) {
    const ssize_t n = read(descriptor, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      wait_for_bytes(descriptor);
      continue;
    }
    if (n < 0) throw Error(ErrorCode::io, name + ": cannot be read: " + std::strerror(errno));
    if (n == 0) return out;
    out.append(block, size_t(n));
    if (out.size() > most)
      throw Error(ErrorCode::bad_data, name + ": want at most " + std::to_string(most) + " bytes, got more");
  }
}

/// A file that is open for reading. Opening never waits, not even for a pipe.
class Opened {
 public:
  Opened(const std::string& path, size_t most)
      : path_(path), most_(most), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    const int failed = errno;
    if (descriptor_ < 0 && (failed == ENOENT || failed == ENOTDIR || failed == ENAMETOOLONG))
      throw Error(ErrorCode::no_input, path + ": no such file");
    if (descriptor_ < 0)
      throw Error(failed == ENXIO ? ErrorCode::no_input : ErrorCode::io,
                  path + ": cannot be read: " + std::strerror(failed));
    if (fstat(descriptor_, &status_) != 0) {
      const int cause = errno;
      close(descriptor_);
      throw Error(ErrorCode::io, path + ": cannot be read: " + std::strerror(cause));
    }
    if (S_ISREG(status_.st_mode) && uint64_t(status_.st_size) > most) {
      close(descriptor_);
      throw Error(ErrorCode::bad_data,
                  path + ": want at most " + std::to_string(most) + " bytes, got " + std::to_string(status_.st_size));
    }
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() { close(descriptor_); }
  const struct stat& status() const { return status_; }
  std::string read() const { return read_all(descriptor_, path_, most_, size_t(status_.st_size)); }

 private:
  const std::string& path_;
  size_t most_;
  int descriptor_;
  struct stat status_{};
};

}  // namespace

std::string read_file(const std::string& path, size_t most) {
  const Opened file(path, most);
  if (!S_ISREG(file.status().st_mode)) throw Error(ErrorCode::no_input, path + ": not a file");
  return file.read();
}

std::string read_file_or_pipe(const std::string& path, size_t most) {
  const Opened file(path, most);
  const bool is_pipe = S_ISFIFO(file.status().st_mode);
  if (!is_pipe && !S_ISREG(file.status().st_mode)) throw Error(ErrorCode::no_input, path + ": not a file");
  std::string out = file.read();
  if (is_pipe && out.empty()) throw Error(ErrorCode::no_input, path + ": a pipe that nothing was written to");
  return out;
}

std::string read_descriptor(int descriptor, const std::string& name, size_t most) {
  return read_all(descriptor, name, most);
}

std::string stamp_of(const std::string& path) {
  struct stat s{};
  if (stat(path.c_str(), &s) != 0) {
    const std::error_code failed(errno, std::generic_category());
    if (!means_nothing(failed)) fail_to_look(path, failed);
    return "";
  }
  std::string out;
  for (const auto part : {uint64_t(s.st_dev), uint64_t(s.st_ino), uint64_t(s.st_size), uint64_t(s.st_mtim.tv_sec),
                          uint64_t(s.st_mtim.tv_nsec), uint64_t(s.st_ctim.tv_sec),
                          uint64_t(s.st_ctim.tv_nsec)})  // the time of the change itself, which nobody can set back
    out += (out.empty() ? "" : "-") + std::to_string(part);
  return out;
}

std::string_view without_change_time(std::string_view stamp) {
  for (int part = 0; part < 2; ++part) stamp = stamp.substr(0, stamp.rfind('-'));
  return stamp;
}

namespace {

constexpr std::string_view kTemporaryStart = ".calotype-", kTemporaryEnd = ".part";

/// Always 28 bytes: a file name of 255 bytes leaves no room for a longer one.
std::string temporary_name() {
  std::random_device random;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%08x%08x", unsigned(random()), unsigned(random()));
  return std::string(kTemporaryStart) + digits + std::string(kTemporaryEnd);
}

std::string folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

/// A file without its final name: removed unless it is renamed. It is locked while it is written, which distinguishes
/// it from the file of a process that has died.
class Temporary {
 public:
  explicit Temporary(const std::string& target) : target_(target) {
    do {
      // not mkstemp, whose files nobody else may read: the umask decides that, and no thread can read the umask without
      // changing it
      name_ = folder_of(target) + "/" + temporary_name();
      descriptor_ = open(name_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 ? errno == EEXIST : !is_ours());
    if (descriptor_ < 0) fail(ErrorCode::cannot_create, errno);
  }
  ~Temporary() {
    if (!name_.empty()) unlink(name_.c_str());
    if (descriptor_ >= 0) close(descriptor_);
  }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(ErrorCode::io, errno);
      bytes.remove_prefix(size_t(n));
    }
    if (fsync(descriptor_) != 0) fail(ErrorCode::io, errno);
  }
  /// False if a file exists that must be kept.
  bool publish(Existing existing) {
    const int folder = open(folder_of(target_).c_str(),
                            O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // no stamp of a file that may not be read
    const std::shared_ptr<void> closed(nullptr, [folder](void*) { close(folder); });
    if (existing == Existing::keep ? !rename_to_free_name() : std::rename(name_.c_str(), target_.c_str()) != 0) {
      if (existing == Existing::keep && errno == EEXIST) return false;
      fail(ErrorCode::cannot_create, errno);
    }
    name_.clear();
    // puts the new name on the disk too
    if (fsync(folder) != 0 && (errno == EIO || errno == ENOSPC)) fail(ErrorCode::io, errno);
    return true;
  }

 private:
  /// By the kernel in one step; else by a second name, which many file systems support; else after a check.
  bool rename_to_free_name() const {
    if (renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    if (link(name_.c_str(), target_.c_str()) == 0) return unlink(name_.c_str()), true;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return false;
    struct stat s{};
    if (lstat(target_.c_str(), &s) == 0) return errno = EEXIST, false;
    return std::rename(name_.c_str(), target_.c_str()) == 0;
  }
  /// False if another process took the new file for one of a dead process before it was locked.
  bool is_ours() {
    struct stat s{};
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return close(descriptor_), false;
    if (fstat(descriptor_, &s) != 0) {
      const int error = errno;
      unlink(name_.c_str());
      close(descriptor_);
      fail(ErrorCode::io, error);  // not a second time, because it would fail again
    }
    return s.st_nlink > 0 || (close(descriptor_), false);
  }
  [[noreturn]] void fail(ErrorCode code, int error) const {
    throw Error(code, target_ + ": cannot be written: " + std::strerror(error));
  }
  std::string target_, name_;
  int descriptor_ = -1;
};

}  // namespace

bool write_file(const std::string& path, std::string_view bytes, Leftovers leftovers, Existing existing) {
  const fs::path folder = fs::path(path).parent_path();
  std::error_code failed;
  if (!folder.empty()) fs::create_directories(folder, failed);
  if (failed) throw Error(ErrorCode::cannot_create, folder.string() + ": cannot be created: " + failed.message());
  if (leftovers == Leftovers::remove) remove_leftovers(folder_of(path));
  Temporary file(path);
  file.write(bytes);
  return file.publish(existing);
}

void remove_leftovers(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  if (!entries) return;
  const int at = dirfd(entries.get());
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(kTemporaryStart) || !name.ends_with(kTemporaryEnd)) continue;
    const int file = openat(at, entry->d_name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) continue;
    if (flock(file, LOCK_EX | LOCK_NB) == 0) unlinkat(at, entry->d_name, 0);
    close(file);
  }
}

FileLock::FileLock(const std::string& path) {
  std::error_code none;
  fs::create_directories(folder_of(path), none);
  // without waiting for the reader of a pipe, which may lie there
  descriptor_ = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NONBLOCK, 0666);
  if (descriptor_ >= 0)
    while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string working_folder() {
  std::error_code gone;
  return fs::current_path(gone).string();
}

}  // namespace calotype
