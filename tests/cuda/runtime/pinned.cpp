#include "pinned.h"

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "api.h"
#include "report.h"
#include "settings.h"
#include "streams.h"

namespace stand_in {
namespace {

constexpr size_t kPage = 4096;

struct Pinned {
  size_t size;
  bool is_registered;  // the program's own memory, whose pages hold other things too: never shut
};
/// Queued work that the host has not waited for.
struct Use {
  Range range;
  int stream;
  uint32_t time;
};
struct All {
  std::map<const char*, Pinned> pinned;
  std::vector<Use> uses;
};
All& all() {
  static auto& everything = *new All;
  return everything;
}

const char* page_of(const void* p) {
  return reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(p) / kPage * kPage);
}
const char* end_of(const Range& range) {
  return static_cast<const char*>(range.data) + range.size;
}
bool overlap(const Range& a, const Range& b) {
  return a.data < end_of(b) && b.data < end_of(a);
}

std::map<const char*, Pinned>::iterator pinned_holder(const void* p) {
  auto& pinned = all().pinned;
  const auto after = pinned.upper_bound(static_cast<const char*>(p));
  if (after == pinned.begin()) return pinned.end();
  const auto it = std::prev(after);
  return static_cast<const char*>(p) < it->first + it->second.size ? it : pinned.end();
}

void protect(const Range& range, int how) {
  const auto it = pinned_holder(range.data);
  if (it == all().pinned.end() || it->second.is_registered) return;
  const char* first = page_of(range.data);
  mprotect(const_cast<char*>(first), size_t(page_of(end_of(range) + kPage - 1) - first), how);
}
void shut(const Range& range) {
  protect(range, range.is_written ? PROT_NONE : PROT_READ);
}

void fault_of(const char* what, const Use& use) {
  fault(std::string(what) + " that stream " + std::to_string(use.stream) +
        (use.range.is_written ? " writes" : " reads") + ", before waiting for it");
}

/// Memory that goes, or is written to by the next who gets it.
void check_unused(const char* call, const void* data, size_t size) {
  for (const Use& use : all().uses)
    if (overlap(use.range, {data, size, true})) fault_of(call, use);
}

cudaError_t free_pinned(void* p) {
  const Locked locked(runtime_lock());
  if (is_unsafe_now()) return refuse("cudaFreeHost");
  const auto it = all().pinned.find(static_cast<char*>(p));
  if (it == all().pinned.end() || it->second.is_registered) return set_error(cudaErrorInvalidValue);
  const size_t size = it->second.size;
  check_unused("cudaFreeHost of memory", p, size);
  std::erase_if(all().uses, [&](const Use& use) { return overlap(use.range, {p, size, true}); });
  munmap(p, size_t(page_of(it->first + size + kPage - 1) - it->first));
  all().pinned.erase(it);
  return cudaSuccess;
}

cudaError_t allocate_pinned(void** out, size_t size) {
  const Locked locked(runtime_lock());
  *out = nullptr;
  if (is_unsafe_now()) return refuse("cudaHostAlloc");
  if (is_to_fail("hostalloc")) return set_error(cudaErrorMemoryAllocation);
  void* p =
      mmap(nullptr, (size + kPage - 1) / kPage * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return set_error(cudaErrorMemoryAllocation);
  count("cudaHostAlloc");
  log("cudaHostAlloc of " + std::to_string(size));
  all().pinned[static_cast<char*>(p)] = {size, false};
  return *out = p, cudaSuccess;
}

}  // namespace

bool is_pinned(const void* p) {
  return pinned_holder(p) != all().pinned.end();
}
void open_pinned(const Range& range) {
  protect(range, PROT_READ | PROT_WRITE);
}

void shut_pinned(const Range& range, int stream, uint32_t time) {
  all().uses.push_back({range, stream, time});
  for (const Use& use : all().uses)
    if (overlap(use.range, range)) shut(use.range.is_written ? use.range : range);
}

void open_what_is_over() {
  auto& uses = all().uses;
  const auto over =
      std::partition(uses.begin(), uses.end(), [](const Use& use) { return host_clock().of(use.stream) < use.time; });
  for (auto use = over; use != uses.end(); ++use) open_pinned(use->range);
  const bool was_any = over != uses.end();
  uses.erase(over, uses.end());
  // a page may hold the end of what is over and the beginning of what is not
  if (was_any)
    for (const Use& use : uses) shut(use.range);
}

bool is_touch_of_pinned(const void* address) {
  const Locked locked(runtime_lock());
  const Range page{page_of(address), kPage, true};
  bool is_shut = false;
  for (const Use& use : all().uses) {
    if (!overlap(
            {page_of(use.range.data), size_t(page_of(end_of(use.range) + kPage - 1) - page_of(use.range.data)), true},
            page))
      continue;
    is_shut = true;
    if (overlap(use.range, {address, 1, true})) fault_of("the host touches pinned memory", use);
  }
  // what shares the page with it is free to be touched, and from here on the page is not watched
  if (is_shut) open_pinned(page);
  return is_shut;
}

}  // namespace stand_in

using namespace stand_in;

API cudaError_t cudaHostAlloc(void** p, size_t size, unsigned) {
  return allocate_pinned(p, size);
}
API cudaError_t cudaMallocHost(void** p, size_t size) {
  return allocate_pinned(p, size);
}
API cudaError_t cudaFreeHost(void* p) {
  return free_pinned(p);
}
API cudaError_t cudaHostRegister(void* p, size_t size, unsigned) {
  const Locked locked(runtime_lock());
  if (is_unsafe_now()) return refuse("cudaHostRegister");
  if (is_to_fail("hostalloc")) return set_error(cudaErrorMemoryAllocation);
  all().pinned[static_cast<char*>(p)] = {size, true};
  return cudaSuccess;
}
API cudaError_t cudaHostUnregister(void* p) {
  const Locked locked(runtime_lock());
  const auto it = all().pinned.find(static_cast<char*>(p));
  if (it == all().pinned.end() || !it->second.is_registered) return set_error(cudaErrorInvalidValue);
  check_unused("cudaHostUnregister of memory", p, it->second.size);
  all().pinned.erase(it);
  return cudaSuccess;
}
