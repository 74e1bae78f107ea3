#include "check/process_state.h"

#include <malloc.h>
#include <sys/stat.h>
#include <xmmintrin.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "check/check.h"

namespace calotype::check {
namespace fs = std::filesystem;
namespace {

int count(const char* folder) {
  std::error_code failed;
  fs::directory_iterator at(folder, failed);
  if (failed) throw Skipped("want " + std::string(folder) + " to look at: " + failed.message());
  return int(std::distance(at, fs::directory_iterator()));
}

}  // namespace

size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

int threads() {
  return count("/proc/self/task");
}
int open_files() {
  return count("/proc/self/fd");
}

bool is_mapped(const std::string& file) {
  std::ifstream maps("/proc/self/maps");
  if (!maps) throw Skipped("want /proc/self/maps to look at, got none");
  const std::string path = fs::canonical(file).string();
  for (std::string line; std::getline(maps, line);)
    if (line.ends_with(" " + path)) return true;
  return false;
}

size_t written() {
  std::fflush(nullptr);
  struct stat out{};
  fstat(1, &out);
  return size_t(out.st_size);
}

uint32_t float_mode() {
  return _mm_getcsr() & ~uint32_t(_MM_EXCEPT_MASK);
}

}  // namespace calotype::check
