// A library that reads mapped files, as a plugin does. mapped_reads_test.cpp loads two of it.
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "networks/files/mapped_reads.h"

namespace {

struct Reader {
  std::unique_ptr<calotype::networks::Mapping> mapping;
  std::optional<calotype::networks::MappedReads> reads;
};
Reader reader;

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void reader_begin(const char* path, size_t size) {
  const int file = open(path, O_RDONLY);
  reader.mapping = std::make_unique<calotype::networks::Mapping>(file, size);
  close(file);
  reader.reads.emplace();
}

/// The number at `place`, which is 0 where the file has none any more.
__attribute__((visibility("default"))) int reader_read(size_t place) {
  return static_cast<const volatile unsigned char*>(reader.mapping->memory())[place];
}

__attribute__((visibility("default"))) bool reader_is_broken() {
  return reader.mapping->is_broken();
}

__attribute__((visibility("default"))) void reader_end() {
  reader.reads.reset();
  reader.mapping.reset();
}
}
