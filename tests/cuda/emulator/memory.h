#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace calotype::emulator {

/// A buffer that a kernel may read, or write too. `element`: bytes of one of its numbers.
struct Range {
  const void* data;
  size_t size;
  bool is_written;
  size_t element;
};

/// A thread of a launch, and how many barriers its block has passed: what threads of a block do between the same two
/// has no order.
struct Moment {
  uint32_t block : 22, thread : 10;
  uint32_t barriers;
};

/// Who touched a number last.
class Touches {
 public:
  bool is_written() const { return has_writer_; }
  /// Notes that it is read or written; false where another thread touches it too, one of the two writes and nothing
  /// orders them.
  bool touch(const Moment& now, bool writes);

 private:
  static bool is_unordered(const Moment& a, const Moment& b) {
    return a.block != b.block || (a.barriers == b.barriers && a.thread != b.thread);
  }
  Moment writer_{}, reader_{};
  bool has_writer_ = false, has_reader_ = false, has_readers_ = false;  // several in the reader's moment
};

/// Memory that a launch may touch, and who touched what. Each access of a kernel comes here (accesses.cpp); findings
/// are what lies outside, writing where only reading was said, reading what nobody wrote in shared memory, and races.
class Memory {
 public:
  /// No ranges: of buffers nothing is looked at.
  explicit Memory(const std::vector<Range>& ranges);
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  /// Shared memory is of one block.
  void begin_block();
  /// That of the declaration in this line; the same for all threads of a block.
  void* shared(int line, size_t size);
  /// `code`: where it is done.
  void touch(const void* p, size_t size, bool writes, const void* code);

 private:
  struct Room {
    Range range;
    bool is_shared;
    std::vector<Touches> touches;  // of each number, where it may be written
    void* pages = nullptr;         // shared: what it lies in, which ends at a page that is shut
    size_t pages_size = 0;
    int line = 0;
    bool holds(const void* p) const {
      return size_t(static_cast<const char*>(p) - static_cast<const char*>(range.data)) < range.size;
    }
  };
  Room* find_room(const void* p);
  bool looks_at_buffers_;
  std::vector<Room> rooms_;  // written ones first: a result may lie where a source does
};

}  // namespace calotype::emulator
