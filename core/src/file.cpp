#include "file.h"

#include <calotype/error.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
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

namespace {

/// A file without a name yet: removed unless it is renamed.
class Temporary {
 public:
  explicit Temporary(const std::string& target) : target_(target) {
    std::random_device random;
    do {
      // not mkstemp: whoever shall read the file is the umask's business, which no thread can ask for without changing it
      name_ = target + "." + std::to_string(random());
      descriptor_ = open(name_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EEXIST);
    if (descriptor_ < 0) fail(ErrorCode::cannot_create, "cannot be written");
  }
  ~Temporary() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!name_.empty()) unlink(name_.c_str());
  }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(ErrorCode::io, "cannot be written");
      bytes.remove_prefix(size_t(n));
    }
    if (fsync(descriptor_) != 0) fail(ErrorCode::io, "cannot be written");
  }
  void publish() {
    if (std::rename(name_.c_str(), target_.c_str()) != 0) fail(ErrorCode::cannot_create, "cannot be written");
    name_.clear();
  }

 private:
  [[noreturn]] void fail(ErrorCode code, const std::string& what) const {
    throw Error(code, target_ + ": " + what + ": " + std::strerror(errno));
  }
  std::string target_, name_;
  int descriptor_ = -1;
};

}  // namespace

void write_file(const std::string& path, std::string_view bytes) {
  const fs::path folder = fs::path(path).parent_path();
  std::error_code failed;
  if (!folder.empty()) fs::create_directories(folder, failed);
  if (failed) throw Error(ErrorCode::cannot_create, folder.string() + ": cannot be created: " + failed.message());
  Temporary file(path);
  file.write(bytes);
  file.publish();
}

}  // namespace calotype
