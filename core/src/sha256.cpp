#include "sha256.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>
#include <calotype/host/models.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "bounded_json.h"
#include "cache_folder.h"
#include "file.h"
#include "folder_files.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
constexpr size_t kMostCacheBytes = 64 << 20;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
      throw Error(ErrorCode::out_of_memory, "OpenSSL has no memory for SHA-256");
  }
  void add(const void* data, size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  std::string hex() {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes, &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i) out += {"0123456789abcdef"[bytes[i] >> 4], "0123456789abcdef"[bytes[i] & 15]};
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

/// Sums of files by path, size and time of change. A cache that cannot be read or written is none; nothing is lost by it.
class SumCache {
 public:
  SumCache() {
    path_ = cache_folder() + "/sha256.json";
    sums_ = stored();
  }
  ~SumCache() {
    if (added_.empty() || cache_folder().empty()) return;
    try {
      const FileLock alone(path_ + ".lock");
      Json all = stored();  // with what others added meanwhile
      all.update(added_);
      std::error_code none;
      for (auto at = all.begin(); at != all.end();) at = fs::exists(at.key(), none) ? std::next(at) : all.erase(at);
      write_file(path_, all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    } catch (const std::exception&) {
    }
  }

  std::string of(const std::string& path) {
    const Json before = stamp(path);
    if (const auto known = sums_.find(path); known != sums_.end() && known->is_object() && known->value("stamp", Json()) == before &&
                                             known->value("sha256", Json()).is_string())
      return known->at("sha256");
    const std::string sum = sha256_of_file(path);
    if (stamp(path) != before) return sum;  // it changed meanwhile: of which state this is the sum, nobody knows
    added_[path] = sums_[path] = {{"stamp", before}, {"sha256", sum}};
    return sum;
  }

 private:
  Json stored() const {
    try {
      Json read = parse_bounded<Json>(read_file(path_, kMostCacheBytes));
      if (read.is_object()) return read;
    } catch (const std::exception&) {
    }
    return Json::object();
  }
  static Json stamp(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return nullptr;
    return {{"bytes", status.st_size}, {"seconds", status.st_mtim.tv_sec}, {"nanoseconds", status.st_mtim.tv_nsec},
            {"changed_seconds", status.st_ctim.tv_sec}, {"changed_nanoseconds", status.st_ctim.tv_nsec}};
  }
  std::string path_;
  Json sums_, added_ = Json::object();
};

}  // namespace

std::string sha256_of_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw Error(ErrorCode::no_input, path + ": cannot be read: " + std::strerror(errno));
  const std::shared_ptr<void> closer(nullptr, [file](void*) { close(file); });
  Sha256 sum;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t n = read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error(ErrorCode::io, path + ": cannot be read: " + std::strerror(errno));
    if (n == 0) return sum.hex();
    sum.add(buffer.data(), size_t(n));
  }
}

std::string sha256_of_text(std::string_view text) {
  Sha256 sum;
  sum.add(text.data(), text.size());
  return sum.hex();
}

std::string sha256_of(const std::string& path) {
  SumCache cache;
  if (!is_folder(path)) return cache.of(fs::absolute(path).lexically_normal());
  Sha256 sum;
  for (const auto& file : files_of(path)) {
    const std::string line = cache.of(fs::absolute(path + "/" + file).lexically_normal()) + "  ./" + file + "\n";
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
