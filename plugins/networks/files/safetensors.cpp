#include "networks/files/safetensors.h"

#include <calotype/error.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "networks/files/mapped_reads.h"
#include "networks/files/quote.h"
#include "networks/files/safetensors_header.h"

namespace calotype::networks {

struct MappedFile {
  explicit MappedFile(int file, const struct stat& s) : descriptor(file), status(s), mapping(file, size_t(s.st_size)) {}
  MappedFile(const MappedFile&) = delete;
  ~MappedFile() { ::close(descriptor); }

  const int descriptor;
  const struct stat status;  // when it was opened
  Mapping mapping;
  bool is_copy = false;  // the mapping holds memory
};

namespace {

constexpr uint64_t kLongestHeader = 100'000'000;
static_assert(std::endian::native == std::endian::little, "the format is little-endian and read as it lies");

[[noreturn]] void bad(const std::string& path, const std::string& rule) {
  throw Error(ErrorCode::bad_data, path + ": " + rule);
}

[[noreturn]] void fail_to_open(const std::string& path, int error) {
  throw Error(error == ENOMEM ? ErrorCode::out_of_memory : ErrorCode::no_input,
              path + ": cannot be read, " + std::strerror(error));
}

std::shared_ptr<MappedFile> map_file(const std::string& path) {
  // not to wait for the other end of a pipe
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail_to_open(path, errno);
  struct stat status{};
  const int failed = ::fstat(file, &status) == 0 ? 0 : errno;
  std::shared_ptr<MappedFile> out;
  if (!failed && S_ISREG(status.st_mode) && status.st_size >= 8)
    out = std::make_shared<MappedFile>(file, status);
  else
    ::close(file);
  if (failed) fail_to_open(path, failed);
  if (!S_ISREG(status.st_mode))
    bad(path, std::string("want a file, got ") + (S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe"));
  if (!out) bad(path, "too short for a safetensors file: want at least 8 bytes, got " + std::to_string(status.st_size));
  if (!out->mapping.memory()) fail_to_open(path, errno);
  return out;
}

/// Whether a file was written to. Another name for it, or one less, is no change; and neither is who may read it.
bool is_changed(const struct stat& a, const struct stat& b) {
  const auto differ = [](const timespec& x, const timespec& y) {
    return x.tv_sec != y.tv_sec || x.tv_nsec != y.tv_nsec;
  };
  if (a.st_size != b.st_size || differ(a.st_mtim, b.st_mtim)) return true;
  const bool is_renamed =
      a.st_nlink != b.st_nlink || a.st_mode != b.st_mode || a.st_uid != b.st_uid || a.st_gid != b.st_gid;
  return differ(a.st_ctim, b.st_ctim) && !is_renamed;
}

/// Words at the front of what is often saved in a model's place, in lower case.
bool begins_with_words(std::string_view bytes, std::string_view words) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
  return bytes.size() >= words.size() &&
         std::equal(words.begin(), words.end(), bytes.begin(), [&](char w, char b) { return w == lower(b); });
}

void refuse_stand_ins(std::string_view file, const std::string& path) {
  std::string_view bytes = file;
  if (begins_with_words(bytes, "version https://git-lfs"))
    bad(path, "want a safetensors file, got a pointer of Git LFS to one; to fetch it: git lfs pull");
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  if (begins_with_words(bytes, "<!doctype") || begins_with_words(bytes, "<html"))
    bad(path, "want a safetensors file, got a web page; download it again, by the link of the file itself");
}

uint64_t header_length(std::string_view file, const std::string& path) {
  uint64_t length;
  std::memcpy(&length, file.data(), sizeof length);
  if (length > kLongestHeader)
    bad(path,
        "header is too long: want at most " + std::to_string(kLongestHeader) + " bytes, got " + std::to_string(length));
  if (length > file.size() - 8)
    bad(path, "header is cut off: want " + std::to_string(length) + " bytes, got " + std::to_string(file.size() - 8));
  return length;
}

/// The tensors must fill the data from its first to its last byte, one after the other.
void check_layout(const SafetensorsHeader& header, uint64_t data_size, const std::string& path) {
  using Named = std::pair<const std::string, TensorEntry>;
  std::vector<const Named*> order;
  for (const auto& tensor : header.tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const Named* a, const Named* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  uint64_t end = 0;
  const std::string* before = nullptr;
  for (const auto* tensor : order) {
    const auto& [name, t] = *tensor;
    if (t.begin != end)
      bad(path, "tensor " + quote(name) +
                    (t.begin > end ? ": hole before its data" : ": overlaps tensor " + quote(*before)) +
                    ": want offset " + std::to_string(end) + ", got " + std::to_string(t.begin));
    if (t.end > data_size)
      bad(path, "tensor " + quote(name) + ": data is cut off: want " + std::to_string(t.end) + " bytes of data, got " +
                    std::to_string(data_size));
    end = t.end;
    before = &name;
  }
  if (end != data_size)
    bad(path, "bytes after the last tensor: want " + std::to_string(end) + " bytes of data, got " +
                  std::to_string(data_size));
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::string& path)
    : path_(path), file_(map_file(path)), size_(file_->mapping.size()) {
  const MappedReads reads;
  const auto* bytes = static_cast<const std::byte*>(file_->mapping.memory());
  try {
    const std::string_view file(reinterpret_cast<const char*>(bytes), size_);
    refuse_stand_ins(file, path);
    const uint64_t length = header_length(file, path);
    auto header = parse_safetensors_header(file.substr(8, length), path);
    check_layout(header, size_ - 8 - length, path);
    for (auto& [name, t] : header.tensors)
      tensors_.emplace(name,
                       StoredTensor{std::move(t.dtype), std::move(t.shape), {bytes + 8 + length + t.begin, t.size}});
    metadata_ = std::move(header.metadata);
  } catch (const Error&) {
    check_unchanged();
    throw;
  }
  check_unchanged();
}

void SafetensorsFile::check_unchanged() const {
  struct stat now{};
  if (file_->is_copy ||
      (!file_->mapping.is_broken() && ::fstat(file_->descriptor, &now) == 0 && !is_changed(file_->status, now)))
    return;
  throw Error(ErrorCode::io, path_ +
                                 ": was changed, or could not be read, while it was used; nothing was kept that was "
                                 "made meanwhile; run again, and "
                                 "where it goes on being changed, say read: copy in the section model");
}

void SafetensorsFile::read_whole() const {
  if (file_->is_copy) return;
  void* copy = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED)
    throw Error(ErrorCode::out_of_memory, path_ + ": cannot be read into memory, " + std::strerror(errno));
  const std::shared_ptr<void> freed(copy, [this](void* m) {
    if (!file_->is_copy) ::munmap(m, size_);
  });
  for (uint64_t at = 0; at < size_;) {
    const ssize_t n = ::pread(file_->descriptor, static_cast<char*>(copy) + at, size_ - at, off_t(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error(ErrorCode::io, path_ + ": cannot be read, " + std::strerror(errno));
    if (n == 0) break;  // cut, which is said below
    at += uint64_t(n);
  }
  check_unchanged();
  if (!file_->mapping.replace_by(copy))
    throw Error(ErrorCode::out_of_memory, path_ + ": cannot be read into memory, " + std::strerror(errno));
  file_->is_copy = true;
}

void SafetensorsFile::release(std::span<const std::byte> data) const {
  const auto first = reinterpret_cast<uintptr_t>(file_->mapping.memory()),
             begin = reinterpret_cast<uintptr_t>(data.data());
  if (file_->is_copy || data.empty() || begin < first || begin - first >= size_) return;
  const auto page = uintptr_t(::sysconf(_SC_PAGESIZE));
  const uintptr_t from = begin / page * page;
  // the mapping is only read, so its pages hold nothing that the file does not
  ::madvise(reinterpret_cast<void*>(from), begin + data.size() - from, MADV_DONTNEED);
}

}  // namespace calotype::networks
