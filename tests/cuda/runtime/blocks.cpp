#include "blocks.h"

#include <cstring>
#include <map>

#include "report.h"
#include "streams.h"

namespace stand_in {
namespace {

struct Block {
  size_t size;
  uint64_t number, pool;
};
struct Blocks {
  std::map<const char*, size_t> segments;
  std::map<const char*, Block> used;
  uint64_t taken = 0;
};
Blocks& blocks() {
  static auto& all = *new Blocks;
  return all;
}

/// The entry whose bytes p is in.
template <class Map, class Size>
auto holder(const Map& map, const void* p, Size size) -> decltype(map.begin()) {
  const auto after = map.upper_bound(static_cast<const char*>(p));
  if (after == map.begin()) return map.end();
  const auto it = std::prev(after);
  return static_cast<const char*>(p) < it->first + size(it->second) ? it : map.end();
}

const Block* used_block(const Range& range) {
  const auto it = holder(blocks().used, range.data, [](const Block& b) { return b.size; });
  if (it == blocks().used.end() || static_cast<const char*>(range.data) + range.size > it->first + it->second.size)
    return nullptr;
  return &it->second;
}

}  // namespace

void segment_taken(const void* data, size_t size) {
  const Locked locked(runtime_lock());
  blocks().segments[static_cast<const char*>(data)] = size;
}

void forget_segment(const void* data) {
  blocks().segments.erase(static_cast<const char*>(data));
}

void block_taken(const void* data, size_t size, void*, uint64_t pool) {
  const Locked locked(runtime_lock());
  blocks().used[static_cast<const char*>(data)] = {size, ++blocks().taken, pool};
  // who reads what nobody wrote reads no numbers
  std::memset(inside(const_cast<void*>(data)), 0xff, size);
}

void block_returned(const void* data) {
  const Locked locked(runtime_lock());
  blocks().used.erase(static_cast<const char*>(data));
}

uint64_t blocks_taken() {
  const Locked locked(runtime_lock());
  return blocks().taken;
}

uint64_t block_of(const Range& range) {
  const Block* block = used_block(range);
  return block ? block->number : 0;
}

bool is_returned(const Range& range) {
  const auto segment = holder(blocks().segments, range.data, [](size_t size) { return size; });
  return segment != blocks().segments.end() && !used_block(range);
}

bool is_own(const Range& range, uint64_t first) {
  const Block* block = used_block(range);
  return block && block->pool && block->number > first;
}

bool is_of_capture(const Range& range) {
  if (!is_own(range, 0)) return false;
  for (const CUstream_st* stream : all_streams())
    if (stream->capture && is_own(range, stream->capture->first_block)) return true;
  return false;
}

}  // namespace stand_in
