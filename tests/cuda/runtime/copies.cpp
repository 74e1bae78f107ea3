// Copies and fills.
#include <cstring>

#include "api.h"
#include "memory.h"
#include "pinned.h"
#include "report.h"
#include "streams.h"

namespace stand_in {
namespace {

struct Copy {
  void* to;
  const void* from;
  size_t size;
  bool to_device = is_device(to), from_device = is_device(from);
  bool to_pinned = !to_device && is_pinned(to), from_pinned = !from_device && is_pinned(from);
  bool is_pageable() const { return (!to_device && !to_pinned) || (!from_device && !from_pinned); }
};

std::string name_of(const Copy& copy) {
  const auto side = [](bool device, bool pinned) {
    return device ? "device" : pinned ? "pinned memory" : "pageable memory";
  };
  return std::string("copy of ") + side(copy.from_device, copy.from_pinned) + " to " +
         side(copy.to_device, copy.to_pinned);
}

void check_direction(const Copy& copy, cudaMemcpyKind kind) {
  const bool is_right = kind == cudaMemcpyDefault ||
                        (kind == cudaMemcpyHostToDevice && copy.to_device && !copy.from_device) ||
                        (kind == cudaMemcpyDeviceToHost && !copy.to_device && copy.from_device) ||
                        (kind == cudaMemcpyDeviceToDevice && copy.to_device && copy.from_device) ||
                        (kind == cudaMemcpyHostToHost && !copy.to_device && !copy.from_device);
  if (!is_right) fault("cudaMemcpy in another direction than it says: " + name_of(copy));
}

cudaError_t queue(const Copy& copy, cudaMemcpyKind kind, CUstream_st& stream, bool waits) {
  if (!copy.size) return cudaSuccess;
  check_direction(copy, kind);
  if (stream.capture && copy.is_pageable()) return refuse("cudaMemcpyAsync of pageable memory");
  if (waits && is_unsafe_now()) return refuse("cudaMemcpy");
  const auto [to, from, size] = std::tuple(inside(copy.to), inside(copy.from), copy.size);
  Task task{kept_name(name_of(copy)), {{copy.to, size, true}, {copy.from, size, false}}, [=] {
              std::memmove(to, from, size);
            }};
  if (copy.to_pinned)
    task.pinned = {copy.to, size, true};
  else if (copy.from_pinned)
    task.pinned = {copy.from, size, false};
  task.is_between_devices = copy.to_device && copy.from_device;
  enqueue(stream, std::move(task));
  // into pageable memory CUDA's runtime copies by itself, when the stream is done
  if (!stream.capture && (waits || (copy.is_pageable() && !copy.to_device))) host_waits_for(stream.clock);
  return cudaSuccess;
}

cudaError_t copy_to_peer(void* to, const void* from, size_t size, CUstream_st& stream) {
  Task task{"copy to another device",
            {{to, size, true}, {from, size, false}},
            [to = inside(to), from = inside(from), size] { std::memmove(to, from, size); }};
  task.is_between_devices = true;
  enqueue(stream, std::move(task));
  return cudaSuccess;
}

cudaError_t fill(void* to, int value, size_t size, CUstream_st& stream) {
  enqueue(stream, {"fill", {{to, size, true}}, [to = inside(to), value, size] { std::memset(to, value, size); }});
  return cudaSuccess;
}

}  // namespace
}  // namespace stand_in

using namespace stand_in;

API cudaError_t cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind kind) {
  const Locked locked(runtime_lock());
  return queue({to, from, size}, kind, stream_of(nullptr), true);
}
API cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind kind, cudaStream_t stream) {
  const Locked locked(runtime_lock());
  return queue({to, from, size}, kind, stream_of(stream), false);
}
API cudaError_t cudaMemcpyPeerAsync(void* to, int, const void* from, int, size_t size, cudaStream_t stream) {
  const Locked locked(runtime_lock());
  return copy_to_peer(to, from, size, stream_of(stream));
}
API cudaError_t cudaMemset(void* to, int value, size_t size) {
  const Locked locked(runtime_lock());
  return fill(to, value, size, stream_of(nullptr));
}
API cudaError_t cudaMemsetAsync(void* to, int value, size_t size, cudaStream_t stream) {
  const Locked locked(runtime_lock());
  return fill(to, value, size, stream_of(stream));
}
