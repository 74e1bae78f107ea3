#include "queue.h"

#include "blocks.h"
#include "graphs.h"
#include "memory.h"
#include "pinned.h"
#include "report.h"
#include "streams.h"

namespace stand_in {
namespace {

/// The old default stream and those that were not made to ignore it wait for each other.
void join_default(CUstream_st& stream) {
  if (&stream == &stream_of(nullptr)) {
    for (const CUstream_st* other : all_streams())
      if (other->waits_for_default && other->device == stream.device) stream.clock.join(other->clock);
  } else if (stream.waits_for_default) {
    stream.clock.join(stream_of(nullptr).clock);
  }
}

/// Whether the range is of memory that the task's stream can use at all.
bool is_usable(const CUstream_st& stream, const Task& task, const Range& range) {
  const int device = device_of_allocated(range.data, range.size);
  if (device < 0) return fault(std::string(task.name) + ": device memory that is not allocated"), false;
  if (device != stream.device && !task.is_between_devices)
    fault(std::string(task.name) + " on a stream of device " + std::to_string(stream.device) +
          " with memory of device " + std::to_string(device));
  return true;
}

void check_block(const Task& task, size_t i) {
  const Range& range = task.ranges[i];
  const char* how = range.is_written ? " writes" : " reads";
  if (task.blocks.empty()) {
    if (is_returned(range)) fault(std::string(task.name) + how + " memory that was given back to libtorch's allocator");
    if (is_of_capture(range))
      fault(std::string(task.name) + how + " memory of a graph that is being recorded, without being recorded");
  } else if (task.blocks[i] && task.blocks[i] != kOwn && block_of(range) != task.blocks[i]) {
    fault("a graph's " + std::string(task.name) + how + " memory that was given back since it was recorded");
  }
}

}  // namespace

void run(CUstream_st& stream, const Task& task) {
  stream.clock.join(host_clock());
  join_default(stream);
  stream.clock.tick(stream.number);
  for (size_t i = 0; i < task.ranges.size(); ++i) {
    const Range& range = task.ranges[i];
    if (!range.size || !is_device(range.data) || !is_usable(stream, task, range)) continue;
    check_block(task, i);
    access(range, task.name, stream.number, stream.clock);
  }
  if (task.pinned.size) open_pinned(task.pinned);
  task.body();
  if (task.pinned.size) shut_pinned(task.pinned, stream.number, stream.clock.of(stream.number));
}

void enqueue(CUstream_st& stream, Task task) {
  count(task.name);
  log("stream " + std::to_string(stream.number) + (stream.capture ? " (captured): " : ": ") + task.name);
  if (stream.capture)
    record(*stream.capture, std::move(task));
  else
    run(stream, task);
}

void enqueue(void* stream, const char* name, std::span<const Range> ranges, std::function<void()> body) {
  const Locked locked(runtime_lock());
  enqueue(stream_of(static_cast<cudaStream_t>(stream)),
          {kept_name(name), {ranges.begin(), ranges.end()}, std::move(body)});
}

bool is_capturing(void* stream) {
  const Locked locked(runtime_lock());
  return stream_of(static_cast<cudaStream_t>(stream)).capture != nullptr;
}

}  // namespace stand_in
