#pragma once
#include <functional>
#include <vector>

#include "stand_in.h"

struct CUstream_st;

namespace stand_in {

/// Something that is queued on a stream.
struct Task {
  const char* name;  ///< kept for ever
  std::vector<Range> ranges;
  std::function<void()> body;
  /// Pinned memory that it reads or writes, which the host may not write or touch until it is over.
  Range pinned{};
  /// Of a captured task, for each range: the block of memory that it was in; kOwn for the graph's own memory, 0 for
  /// none.
  std::vector<uint64_t> blocks{};
  bool is_between_devices = false;
};
constexpr uint64_t kOwn = ~uint64_t(0);

/// On a stream that is being captured it is recorded, on any other it runs.
void enqueue(CUstream_st& stream, Task task);
/// As a part of a graph's launch.
void run(CUstream_st& stream, const Task& task);

}  // namespace stand_in
