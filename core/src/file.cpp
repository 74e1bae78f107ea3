#include "file.h"

#include <calotype/error.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

namespace calotype {
namespace fs = std::filesystem;

std::string read_file(const std::string& path, size_t most) {
  std::error_code none;
  if (!fs::exists(path, none)) throw Error(ErrorCode::no_input, path + ": no such file");
  if (!fs::is_regular_file(path, none)) throw Error(ErrorCode::no_input, path + ": not a file");
  if (fs::file_size(path, none) > most)
    throw Error(ErrorCode::bad_data, path + ": wanted at most " + std::to_string(most) + " bytes, got " + std::to_string(fs::file_size(path, none)));
  std::ifstream in(path, std::ios::binary);
  std::string out((std::istreambuf_iterator<char>(in)), {});
  if (!in) throw Error(ErrorCode::io, path + ": cannot be read: " + std::strerror(errno));
  return out;
}

std::string stamp_of(const std::string& path) {
  struct stat s {};
  if (stat(path.c_str(), &s) != 0) return "";
  std::string out;
  for (const auto part :
       {uint64_t(s.st_dev), uint64_t(s.st_ino), uint64_t(s.st_size), uint64_t(s.st_mtim.tv_sec), uint64_t(s.st_mtim.tv_nsec),
        uint64_t(s.st_ctim.tv_sec), uint64_t(s.st_ctim.tv_nsec)})  // of the change itself: no one can set that time back
    out += (out.empty() ? "" : "-") + std::to_string(part);
  return out;
}

std::string_view without_change_time(std::string_view stamp) {
  for (int part = 0; part < 2; ++part) stamp = stamp.substr(0, stamp.rfind('-'));
  return stamp;
}

namespace {

constexpr std::string_view kTemporaryStart = ".calotype-", kTemporaryEnd = ".part";

/// Of 28 bytes, whatever the file's own name is: a name of 255 bytes leaves no room for more.
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

/// A file without a name yet: removed unless it is renamed. Locked while it is written, which tells it from a dead process' one.
class Temporary {
 public:
  explicit Temporary(const std::string& target) : target_(target) {
    do {
      // not mkstemp: whoever shall read the file is the umask's business, which no thread can ask for without changing it
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
  /// False where a file is there that is to be kept.
  bool publish(Existing existing) {
    const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // none of one that may not be read
    const std::shared_ptr<void> closed(nullptr, [folder](void*) { close(folder); });
    if (existing == Existing::keep) {
      flock(folder, LOCK_EX);  // of those who look and then rename, one at a time
      struct stat s {};
      if (lstat(target_.c_str(), &s) == 0) return false;
    }
    if (std::rename(name_.c_str(), target_.c_str()) != 0) fail(ErrorCode::cannot_create, errno);
    name_.clear();
    // the new name is on the disk too
    if (fsync(folder) != 0 && (errno == EIO || errno == ENOSPC)) fail(ErrorCode::io, errno);
    return true;
  }

 private:
  /// Whether nobody took the new file for a dead process' one before it was locked.
  bool is_ours() {
    struct stat s {};
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return close(descriptor_), false;
    if (fstat(descriptor_, &s) == 0 && s.st_nlink > 0) return true;
    return close(descriptor_), false;
  }
  [[noreturn]] void fail(ErrorCode code, int error) const { throw Error(code, target_ + ": cannot be written: " + std::strerror(error)); }
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
  descriptor_ = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
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
