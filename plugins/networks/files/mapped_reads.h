#pragma once
#include <cstddef>
#include <memory>

namespace calotype::networks {

/// Memory that a file is mapped into, unmapped at its end. Reading it where the file was cut, or its disk fails, is
/// SIGBUS: within a MappedReads it gives zeros instead, and says so here.
class Mapping {
 public:
  /// Throws nothing: `memory` is null where the file cannot be mapped, and errno says why.
  Mapping(int file, size_t size);
  Mapping(const Mapping&) = delete;
  ~Mapping();
  const void* memory() const { return memory_; }
  size_t size() const { return size_; }
  /// Whether what was read was not the file's.
  bool is_broken() const;
  /// Puts other memory, of the same size, in the place of the file's; it takes that over. False, and errno, where that
  /// failed.
  bool replace_by(void* copy);

 private:
  void* memory_ = nullptr;
  size_t size_;
  size_t slot_ = size_t(-1);
};

/// While one lives, a part of a mapped file that cannot be read is zeros, in all threads. The process finds the SIGBUS
/// that it had.
class MappedReads {
 public:
  MappedReads();
  MappedReads(const MappedReads&) = delete;
  ~MappedReads();
};

}  // namespace calotype::networks
