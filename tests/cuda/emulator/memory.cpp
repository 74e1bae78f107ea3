#include "memory.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <new>

#include "block.h"
#include "findings.h"

namespace calotype::emulator {
namespace {

constexpr size_t kPage = 4096, kMostShared = 48 << 10;
constexpr size_t kSharedNumber = 4;

/// " at FILE+0x12ab", for addr2line.
std::string text_of(const void* code) {
  Dl_info info{};
  if (!code || !dladdr(code, &info)) return "";
  char offset[32];
  std::snprintf(offset, sizeof offset, "+%#zx",
                size_t(static_cast<const char*>(code) - static_cast<const char*>(info.dli_fbase)));
  return " at " + std::filesystem::path(info.dli_fname).filename().string() + offset;
}

void note(const char* what, const void* code) {
  find(block->kernel() + ": " + what, text_of(code));
}

Moment now() {
  const dim3 grid = place.grid_size;
  const uint32_t index = place.block.x + grid.x * (place.block.y + grid.y * place.block.z);
  return {index & 0x3fffff, uint32_t(block->thread()) & 0x3ff, block->barriers_passed()};
}

}  // namespace

bool Touches::touch(const Moment& now, bool writes) {
  bool alone = !has_writer_ || !is_unordered(writer_, now);
  if (writes) {
    if (has_reader_ && (is_unordered(reader_, now) || (has_readers_ && reader_.barriers == now.barriers)))
      alone = false;
    writer_ = now, has_writer_ = true;
  } else {
    has_readers_ = has_reader_ && (is_unordered(reader_, now) || (has_readers_ && reader_.barriers == now.barriers));
    reader_ = now, has_reader_ = true;
  }
  return alone;
}

Memory::Memory(const std::vector<Range>& ranges) : looks_at_buffers_(!ranges.empty()) {
  for (const Range& range : ranges)
    rooms_.push_back({.range = range,
                      .is_shared = false,
                      .touches = std::vector<Touches>(range.is_written ? range.size / range.element : 0)});
  std::stable_sort(rooms_.begin(), rooms_.end(),
                   [](const Room& a, const Room& b) { return a.range.is_written > b.range.is_written; });
}

Memory::~Memory() {
  for (const Room& room : rooms_)
    if (room.pages) munmap(room.pages, room.pages_size);
}

void Memory::begin_block() {
  for (Room& room : rooms_) {
    if (!room.is_shared) continue;
    std::memset(const_cast<void*>(room.range.data), 0xff, room.range.size);
    std::fill(room.touches.begin(), room.touches.end(), Touches{});
  }
}

void* Memory::shared(int line, size_t size) {
  size_t all = size;
  for (const Room& room : rooms_) {
    if (room.is_shared && room.line == line) return const_cast<void*>(room.range.data);
    if (room.is_shared) all += room.range.size;
  }
  if (all > kMostShared) note("more shared memory than a block has", nullptr);
  Room room{.range = {nullptr, size, true, kSharedNumber},
            .is_shared = true,
            .touches = std::vector<Touches>(size / kSharedNumber),
            .line = line};
  const size_t inner = (size + kPage - 1) / kPage * kPage;
  room.pages_size = inner + kPage;
  room.pages = mmap(nullptr, room.pages_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room.pages == MAP_FAILED) throw std::bad_alloc();
  mprotect(static_cast<char*>(room.pages) + inner, kPage, PROT_NONE);
  void* data = static_cast<char*>(room.pages) + inner - size;
  std::memset(data, 0xff, size);
  room.range.data = data;
  rooms_.insert(rooms_.begin(), std::move(room));
  return data;
}

Memory::Room* Memory::find_room(const void* p) {
  for (Room& room : rooms_)
    if (room.holds(p)) return &room;
  return nullptr;
}

void Memory::touch(const void* p, size_t size, bool writes, const void* code) {
  Room* room = find_room(p);
  if (!room && !looks_at_buffers_) return;
  if (!room || !room->holds(static_cast<const char*>(p) + size - 1))
    return note(writes ? "writes outside of its buffers" : "reads outside of its buffers", code);
  if (!room->range.is_written) {
    if (writes) note("writes to a buffer that it only reads", code);
    return;
  }
  const size_t element = room->range.element,
               first = size_t(static_cast<const char*>(p) - static_cast<const char*>(room->range.data)) / element;
  const Moment moment = now();
  for (size_t i = first; i < first + std::max<size_t>(size / element, 1); ++i) {
    Touches& touches = room->touches[i];
    if (room->is_shared && !writes && !touches.is_written())
      note("reads shared memory that no thread has written", code);
    if (!touches.touch(moment, writes))
      note(room->is_shared ? "threads of a block race in shared memory" : "threads race in a buffer", code);
  }
}

}  // namespace calotype::emulator
