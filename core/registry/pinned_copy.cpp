#include "registry/pinned_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/sha256.h"
#include "registry/refusal.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U  // Linux 6.3
#endif

namespace calotype {
namespace {

constexpr size_t kMostBytes = size_t(1) << 30;

[[noreturn]] void no_memory(int cause) {
  refuse("not_loadable", "cannot be loaded", std::string("no memory for a copy of it: ") + std::strerror(cause),
         "memory that holds code", "look at the sysctl vm.memfd_noexec, or load it without plugins.lock");
}

int make_memory(const std::string& name) {
  int out = memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (out < 0 && errno == EINVAL) out = memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (out < 0) no_memory(errno);
  return out;
}

void fill(int memory, const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = write(memory, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) no_memory(errno);
    at += size_t(n);
  }
  if (fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) no_memory(errno);
}

}  // namespace

PinnedCopy::PinnedCopy(const EntryInfo& entry) : memory_(-1) {
  const std::string bytes = read_file(entry.library, kMostBytes), sum = sha256_of_text(bytes);
  if (sum != entry.pinned)
    refuse("replaced", "not the file that plugins.lock pins", "sha256 " + sum, "sha256 " + entry.pinned,
           "put the pinned file back");
  memory_ = make_memory(std::filesystem::path(entry.library).filename().string().substr(0, 200));
  try {
    fill(memory_, bytes);
  } catch (...) {
    close(memory_);
    throw;
  }
}

PinnedCopy::~PinnedCopy() {
  close(memory_);
}

}  // namespace calotype
