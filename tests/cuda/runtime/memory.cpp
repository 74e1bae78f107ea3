// The memory of the devices: two stretches of addresses of one size, the first for ever shut, the second with the
// bytes.
#include "memory.h"

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "api.h"
#include "blocks.h"
#include "clocks.h"
#include "pinned.h"
#include "report.h"
#include "settings.h"
#include "streams.h"

namespace stand_in {
namespace {

/// What a GPU's memory is handed out in.
constexpr size_t kGrain = size_t(2) << 20;

struct Allocation {
  size_t size;
  int device;
};

char* reserved(size_t size) {
  void* p = mmap(nullptr, size + kGrain, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  const auto address = reinterpret_cast<uintptr_t>(p);
  return static_cast<char*>(p) + (kGrain - address % kGrain) % kGrain;
}

struct Memory {
  size_t space = 2 * settings().memory * size_t(settings().devices);  // twice, for the holes between allocations
  char* outside = reserved(space);
  char* inside = reserved(space);
  std::map<char*, Allocation> used;  // by address outside
  std::map<char*, size_t> free{{outside, space}};
  std::vector<size_t> taken = std::vector<size_t>(size_t(settings().devices));  // of each device
  std::function<void()> before_first;
};
Memory& memory() {
  static auto& all = *new Memory;
  return all;
}

size_t rounded(size_t size) {
  return (size + kGrain - 1) / kGrain * kGrain;
}

/// Addresses for an allocation and a grain behind it that stays shut; null where there are none left.
char* take_addresses(size_t size) {
  auto& all = memory();
  for (auto it = all.free.begin(); it != all.free.end(); ++it) {
    if (it->second < size + kGrain) continue;
    const auto [begin, whole] = *it;
    all.free.erase(it);
    if (whole > size + kGrain) all.free[begin + size + kGrain] = whole - size - kGrain;
    return begin;
  }
  return nullptr;
}

void give_addresses_back(char* begin, size_t size) {
  auto& free = memory().free;
  size += kGrain;
  const auto after = free.lower_bound(begin);
  if (after != free.end() && begin + size == after->first) size += after->second, free.erase(after);
  const auto next = free.lower_bound(begin);
  if (next != free.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == begin) return void(before->second += size);
  }
  free[begin] = size;
}

std::map<char*, Allocation>::iterator allocation_of(const void* p) {
  auto& used = memory().used;
  const auto after = used.upper_bound(static_cast<char*>(const_cast<void*>(p)));
  if (after == used.begin()) return used.end();
  const auto it = std::prev(after);
  return static_cast<const char*>(p) < it->first + it->second.size ? it : used.end();
}

cudaError_t allocate(void** out, size_t size) {
  *out = nullptr;
  if (memory().before_first) std::exchange(memory().before_first, nullptr)();
  const Locked locked(runtime_lock());
  if (is_unsafe_now()) return refuse("cudaMalloc");
  const int device = current_device();
  size = rounded(size);
  const bool fails = is_to_fail("malloc") || (is_any_capturing() && is_to_fail("mallocincapture"));
  if (fails || memory().taken[size_t(device)] + size > settings().memory) return set_error(cudaErrorMemoryAllocation);
  char* p = take_addresses(size);
  if (!p) return set_error(cudaErrorMemoryAllocation);
  mprotect(inside(p), size, PROT_READ | PROT_WRITE);
  std::memset(inside(p), 0xff, size);  // not a number in any format of floating point
  memory().used[p] = {size, device};
  memory().taken[size_t(device)] += size;
  *out = p;
  return cudaSuccess;
}

cudaError_t release(void* p) {
  if (!p) return cudaSuccess;
  const Locked locked(runtime_lock());
  if (is_unsafe_now()) return refuse("cudaFree");
  wait_for_all();
  const auto it = memory().used.find(static_cast<char*>(p));
  if (it == memory().used.end()) {
    fault("cudaFree of what was not allocated");
    return set_error(cudaErrorInvalidValue);
  }
  const auto [size, device] = it->second;
  forget_accesses(p, size);
  forget_segment(p);
  madvise(inside(p), size, MADV_DONTNEED);
  mprotect(inside(p), size, PROT_NONE);
  memory().used.erase(it);
  memory().taken[size_t(device)] -= size;
  give_addresses_back(static_cast<char*>(p), size);
  return cudaSuccess;
}

}  // namespace

size_t device_address_space() {
  return memory().space;
}
size_t device_offset(const void* p) {
  return size_t(static_cast<const char*>(p) - memory().outside);
}
bool is_device(const void* p) {
  return p >= memory().outside && p < memory().outside + memory().space;
}
const void* inside(const void* p) {
  return is_device(p) ? memory().inside + device_offset(p) : p;
}
void set_before_first_memory(std::function<void()> call) {
  memory().before_first = std::move(call);
}

int device_of_allocated(const void* data, size_t size) {
  const auto it = allocation_of(data);
  if (it == memory().used.end() || static_cast<const char*>(data) + size > it->first + it->second.size) return -1;
  return it->second.device;
}

}  // namespace stand_in

using namespace stand_in;

API cudaError_t cudaMalloc(void** p, size_t size) {
  return allocate(p, size);
}
API cudaError_t cudaMallocAsync(void** p, size_t size, cudaStream_t) {
  return allocate(p, size);
}
API cudaError_t cudaFree(void* p) {
  return release(p);
}
API cudaError_t cudaFreeAsync(void* p, cudaStream_t) {
  return release(p);
}
API cudaError_t cudaMemGetInfo(size_t* free, size_t* all) {
  const Locked locked(runtime_lock());
  *all = settings().memory, *free = *all - memory().taken[size_t(current_device())];
  return cudaSuccess;
}
API cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* p) {
  const Locked locked(runtime_lock());
  const auto it = allocation_of(p);
  const bool is_on_device = it != memory().used.end(), is_host = !is_on_device && is_pinned(p);
  *attributes = {};
  attributes->type = is_on_device ? cudaMemoryTypeDevice : is_host ? cudaMemoryTypeHost : cudaMemoryTypeUnregistered;
  attributes->device = is_on_device ? it->second.device : 0;
  if (is_on_device || is_host) attributes->devicePointer = const_cast<void*>(p);
  if (is_host) attributes->hostPointer = const_cast<void*>(p);
  return cudaSuccess;
}
// Pools of the driver and memory of other processes are not offered.
API cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  return *pool = nullptr, cudaSuccess;
}
API cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaMemPoolSetAccess(cudaMemPool_t, const cudaMemAccessDesc*, size_t) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, size_t) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaIpcCloseMemHandle(void*) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaIpcGetMemHandle(cudaIpcMemHandle_t*, void*) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaIpcOpenMemHandle(void**, cudaIpcMemHandle_t, unsigned) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaIpcGetEventHandle(cudaIpcEventHandle_t*, cudaEvent_t) {
  return cudaErrorNotSupported;
}
API cudaError_t cudaIpcOpenEventHandle(cudaEvent_t*, cudaIpcEventHandle_t) {
  return cudaErrorNotSupported;
}
