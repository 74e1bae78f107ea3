// Best fit over free blocks, which are split and joined again with their neighbours.
#include "device/cpu_block_allocator.h"

#include <c10/core/Allocator.h>
#include <c10/util/Exception.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace calotype {
namespace {

constexpr size_t kAlignment = 64;              // of small tensors
constexpr size_t kSmallest = size_t(1) << 18;  // of blocks
constexpr size_t kUnit = size_t(1) << 12;      // of their size and address
constexpr size_t kPage = size_t(2) << 20;
constexpr size_t kIdle =
    size_t(256) << 20;  // in blocks that are too small for what is asked for; more goes back to the system first
constexpr size_t kRegion = size_t(64) << 20;  // what is asked of the system at a time, at least

size_t rounded_up(size_t size, size_t unit) {
  return (size + unit - 1) / unit * unit;
}
char* rounded_up(char* address, size_t unit) {
  return address + (unit - reinterpret_cast<uintptr_t>(address) % unit) % unit;
}

[[noreturn]] void fail(size_t size) {
  C10_THROW_ERROR(Error, "not enough memory: tried to allocate " + std::to_string(size) + " bytes");
}

/// `size` bytes, a multiple of kPage, that begin at one; null where there are none.
char* map_region(size_t size) {
  void* all = mmap(nullptr, size + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  char* begin = static_cast<char*>(all);
  char* region = rounded_up(begin, kPage);
  if (region > begin) munmap(begin, size_t(region - begin));
  if (const size_t after = size_t(begin + kPage - region)) munmap(region + size, after);
  madvise(region, size, MADV_HUGEPAGE);
  return region;
}

/// Blocks that nobody uses, by address and by size.
class FreeBlocks {
 public:
  /// Joined with its neighbours.
  void add(char* address, size_t size) {
    const auto after = by_address_.lower_bound(address);
    if (after != by_address_.end() && address + size == after->first) size += remove(after);
    const auto next = by_address_.lower_bound(address);
    if (next != by_address_.begin())
      if (const auto before = std::prev(next); before->first + before->second == address)
        address = before->first, size += remove(before);
    const auto by_size = by_size_.emplace(size, address).first;
    try {
      by_address_.emplace(address, size);
      all_ += size;
    } catch (const std::bad_alloc&) {
      by_size_.erase(by_size);
      throw;
    }
  }
  /// The smallest that is large enough, or null; what is left of it stays free.
  char* take(size_t size) {
    const auto found = by_size_.lower_bound({size, nullptr});
    if (found == by_size_.end()) return nullptr;
    const auto [all, address] = *found;
    remove(by_address_.find(address));
    if (all > size) add(address + size, all - size);
    return address;
  }
  /// Bytes of all.
  size_t all() const { return all_; }
  /// Gives their memory back: whole pages altogether, of others what is in them.
  void unmap() {
    const auto blocks = std::exchange(by_address_, {});
    by_size_.clear();
    all_ = 0;
    for (const auto& [address, size] : blocks) {
      char *end = address + size, *first = std::min(rounded_up(address, kPage), end);
      char* last = first + size_t(end - first) / kPage * kPage;
      if (last > first)
        munmap(first, size_t(last - first));
      else
        last = first = end;
      for (const auto& [begin, left] :
           {std::pair(address, size_t(first - address)), std::pair(last, size_t(end - last))}) {
        if (!left) continue;
        madvise(begin, left, MADV_DONTNEED);
        add(begin, left);
      }
    }
  }

 private:
  using ByAddress = std::map<char*, size_t>;
  size_t remove(ByAddress::const_iterator block) {
    const size_t size = block->second;
    by_size_.erase({size, block->first});
    by_address_.erase(block);
    all_ -= size;
    return size;
  }
  ByAddress by_address_;
  size_t all_ = 0;
  std::set<std::pair<size_t, char*>> by_size_;
};

class BlockMemory final : public c10::Allocator {
 public:
  at::DataPtr allocate(size_t size) override {
    void* memory = size < kSmallest ? small(size) : large(size);
    return {memory, memory, &give_back, c10::Device(c10::kCPU)};
  }
  at::DeleterFnPtr raw_deleter() const override { return &give_back; }
  void copy_data(void* to, const void* from, size_t size) const override { std::memcpy(to, from, size); }

  void release() {
    const std::lock_guard lock(mutex_);
    free_.unmap();
  }
  static BlockMemory& only() {
    static auto* memory = new BlockMemory;  // never ends: tensors may outlive everything
    return *memory;
  }

 private:
  static void* small(size_t size) {
    if (size == 0) return nullptr;
    void* memory = nullptr;
    if (posix_memalign(&memory, kAlignment, size) != 0) fail(size);
    return memory;
  }
  void* large(size_t size) {
    size = rounded_up(size, kUnit);
    const std::lock_guard lock(mutex_);
    char* block = free_.take(size);
    if (!block) {
      const size_t region = std::max(rounded_up(size, kPage), kRegion);
      if (free_.all() > kIdle) free_.unmap();
      char* fresh = map_region(region);
      if (!fresh) free_.unmap(), fresh = map_region(region);
      if (!fresh) fail(size);
      free_.add(fresh, region);
      block = free_.take(size);
    }
    try {
      used_.emplace(block, size);
    } catch (const std::bad_alloc&) {
      munmap(block, size);
      throw;
    }
    return block;
  }
  static void give_back(void* memory) {
    BlockMemory& self = only();
    if (reinterpret_cast<uintptr_t>(memory) % kUnit != 0 || !self.take_back(memory)) std::free(memory);
  }
  bool take_back(void* memory) {
    const std::lock_guard lock(mutex_);
    const auto found = used_.find(memory);
    if (found == used_.end()) return false;
    const size_t size = found->second;
    used_.erase(found);
    try {
      free_.add(static_cast<char*>(memory), size);
    } catch (const std::bad_alloc&) {
      munmap(memory, size);  // a block that cannot be noted
    }
    return true;
  }

  std::mutex mutex_;
  FreeBlocks free_;
  std::unordered_map<void*, size_t> used_;
};

}  // namespace

void use_block_memory() {
  static const bool once = [] {
    c10::SetAllocator(c10::kCPU, &BlockMemory::only(), /*priority=*/1);
    return true;
  }();
  (void)once;
}

void release_blocks() {
  BlockMemory::only().release();
}

}  // namespace calotype
