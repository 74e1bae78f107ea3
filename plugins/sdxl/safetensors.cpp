#include "safetensors.h"

#include <calotype/error.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "quote.h"
#include "safetensors_header.h"

namespace calotype::sdxl {
namespace {

constexpr uint64_t kLongestHeader = 100'000'000;
static_assert(std::endian::native == std::endian::little, "the format is little-endian and read as it lies");

struct Mapped {
  std::shared_ptr<const void> memory;
  uint64_t size = 0;
};

[[noreturn]] void bad(const std::string& path, const std::string& rule) {
  throw Error(ErrorCode::bad_data, path + ": " + rule);
}

[[noreturn]] void fail_to_open(const std::string& path, int error) {
  throw Error(error == ENOMEM ? ErrorCode::out_of_memory : ErrorCode::no_input,
              path + ": cannot be read, " + std::strerror(error));
}

Mapped map_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail_to_open(path, errno);
  const std::shared_ptr<const void> closer(nullptr, [file](const void*) { ::close(file); });
  struct stat status {};
  if (::fstat(file, &status) != 0) fail_to_open(path, errno);
  if (!S_ISREG(status.st_mode))
    bad(path, std::string("found ") + (S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe") + ", wanted a file");
  const auto size = uint64_t(status.st_size);
  if (size < 8) bad(path, "too short for a safetensors file, found " + std::to_string(size) + " bytes, wanted at least 8");
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) fail_to_open(path, errno);
  return {{memory, [size](const void* m) { ::munmap(const_cast<void*>(m), size); }}, size};
}

/// Words at the front of what is often saved in a model's place, in lower case.
bool begins_with_words(std::string_view bytes, std::string_view words) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
  return bytes.size() >= words.size() && std::equal(words.begin(), words.end(), bytes.begin(), [&](char w, char b) { return w == lower(b); });
}

void refuse_stand_ins(const Mapped& file, const std::string& path) {
  std::string_view bytes(static_cast<const char*>(file.memory.get()), file.size);
  if (begins_with_words(bytes, "version https://git-lfs"))
    bad(path, "found a pointer of Git LFS, wanted the file that it stands for; to fetch it: git lfs pull");
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  if (begins_with_words(bytes, "<!doctype") || begins_with_words(bytes, "<html"))
    bad(path, "found a web page, wanted a safetensors file; download it again, by the link of the file itself");
}

uint64_t header_length(const Mapped& file, const std::string& path) {
  uint64_t length;
  std::memcpy(&length, file.memory.get(), sizeof length);
  if (length > kLongestHeader)
    bad(path,
        "header is too long, found " + std::to_string(length) + " bytes, wanted at most " + std::to_string(kLongestHeader));
  if (length > file.size - 8)
    bad(path, "header is cut off, found " + std::to_string(file.size - 8) + " bytes, wanted " + std::to_string(length));
  return length;
}

/// The tensors must fill the data from its first to its last byte, one after the other.
void check_layout(const SafetensorsHeader& header, uint64_t data_size, const std::string& path) {
  using Named = std::pair<const std::string, DeclaredTensor>;
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
                    (t.begin > end ? ": hole before its data" : ": overlaps tensor " + quote(*before)) + ", found offset " +
                    std::to_string(t.begin) + ", wanted " + std::to_string(end));
    if (t.end > data_size)
      bad(path, "tensor " + quote(name) + ": data is cut off, found " + std::to_string(data_size) +
                    " bytes of data, wanted " + std::to_string(t.end));
    end = t.end;
    before = &name;
  }
  if (end != data_size)
    bad(path,
        "bytes after the last tensor, found " + std::to_string(data_size) + " bytes of data, wanted " + std::to_string(end));
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::string& path) : path_(path) {
  const Mapped file = map_file(path);
  const auto* bytes = static_cast<const std::byte*>(file.memory.get());
  refuse_stand_ins(file, path);
  const uint64_t length = header_length(file, path);
  auto header = parse_safetensors_header({reinterpret_cast<const char*>(bytes) + 8, length}, path);
  check_layout(header, file.size - 8 - length, path);
  for (auto& [name, t] : header.tensors)
    tensors_.emplace(name, StoredTensor{std::move(t.dtype), std::move(t.shape), {bytes + 8 + length + t.begin, t.size}});
  metadata_ = std::move(header.metadata);
  mapping_ = file.memory;
  size_ = file.size;
}

void SafetensorsFile::release(std::span<const std::byte> data) const {
  const auto first = reinterpret_cast<uintptr_t>(mapping_.get()), begin = reinterpret_cast<uintptr_t>(data.data());
  if (data.empty() || begin < first || begin - first >= size_) return;
  const auto page = uintptr_t(::sysconf(_SC_PAGESIZE));
  const uintptr_t from = begin / page * page;
  // the mapping is only read, so its pages hold nothing that the file does not
  ::madvise(reinterpret_cast<void*>(from), begin + data.size() - from, MADV_DONTNEED);
}

}  // namespace calotype::sdxl
