#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>
#include <calotype/host/models.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/folder_files.h"
#include "base/sum_cache.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// OpenSSL's older interface, because the newer one allocates memory and ends the process if there is none.
class Sha256 {
 public:
  Sha256() { SHA256_Init(&state_); }
  void add(const void* data, size_t size) { SHA256_Update(&state_, data, size); }
  std::string hex() {
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    SHA256_Final(bytes, &state_);
    std::string out;
    for (const unsigned char byte : bytes) out += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    return out;
  }

 private:
  SHA256_CTX state_;
};

/// A file that is read once, from start to end.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : path_(path), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), buffer_(kPiece) {
    if (file_ < 0) throw Error(ErrorCode::no_input, path + ": cannot be read: " + std::strerror(errno));
  }
  OpenFile(const OpenFile&) = delete;
  ~OpenFile() { close(file_); }
  /// Returns false at the end.
  bool read_piece() {
    ssize_t n = 0;
    do n = read(file_, buffer_.data(), buffer_.size());
    while (n < 0 && errno == EINTR);
    if (n < 0) throw Error(ErrorCode::io, path_ + ": cannot be read: " + std::strerror(errno));
    sum_.add(buffer_.data(), size_t(n));
    return n > 0;
  }
  std::string hex() { return sum_.hex(); }

 private:
  static constexpr size_t kPiece = 1 << 20;
  std::string path_;
  int file_;
  std::vector<char> buffer_;
  Sha256 sum_;
};

}  // namespace

struct FileSum::State {
  std::string path;
  SumCache::Stamp stamp;
  OpenFile file;
};

FileSum::FileSum(const std::string& path) : state_(new State{path, SumCache::stamp(path), OpenFile(path)}) {
  hex_ = SumCache().known(path, state_->stamp);
}

FileSum::~FileSum() = default;

bool FileSum::step() {
  if (!hex_.empty()) return false;
  if (state_->file.read_piece()) return true;
  hex_ = state_->file.hex();
  // else the file changed meanwhile, and the sum belongs to no state of it
  if (SumCache::stamp(state_->path) == state_->stamp) SumCache().keep(state_->path, state_->stamp, hex_);
  return false;
}

std::string sha256_of_file(const std::string& path) {
  OpenFile file(path);
  while (file.read_piece()) {
  }
  return file.hex();
}

std::string sha256_of_text(std::string_view text) {
  Sha256 sum;
  sum.add(text.data(), text.size());
  return sum.hex();
}

std::string sha256_of(const std::string& path) {
  const auto of_file = [](const std::string& file) {
    FileSum sum(fs::absolute(file).lexically_normal());
    while (sum.step()) {
    }
    return sum.hex();
  };
  if (!is_folder(path)) return of_file(path);
  Sha256 sum;
  for (const auto& file : files_of(path)) {
    const std::string line = of_file(path + "/" + file) + "  ./" + file + "\n";
    sum.add(line.data(), line.size());
  }
  return sum.hex();
}

uint64_t bytes_of(const std::string& path) {
  if (!is_folder(path)) return fs::file_size(path);
  uint64_t out = 0;
  for (const auto& file : files_of(path)) out += fs::file_size(path + "/" + file);
  return out;
}

}  // namespace calotype
