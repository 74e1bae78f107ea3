#pragma once
#include <cuda_runtime_api.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "clocks.h"
#include "queue.h"

namespace stand_in {

/// A stream being captured.
struct Capture {
  uint64_t number;
  cudaStreamCaptureMode mode;
  std::thread::id thread;  ///< that began it
  uint64_t first_block;    ///< how many blocks there were: later ones of a graph's pool are its own
  bool is_broken = false;  ///< by a call that captures do not allow
  std::vector<Task> tasks{};
  /// Bytes that are not the graph's own, as they were before its work ran to be recorded.
  struct Saved {
    void* data;
    std::vector<char> bytes;
  };
  std::vector<Saved> saved{};
};

}  // namespace stand_in

// CUDA's own names of what a cudaStream_t and a cudaEvent_t point at.
struct CUstream_st {
  int number, device;
  bool waits_for_default;  ///< as all streams do that were not made otherwise
  stand_in::Clock clock{};
  std::unique_ptr<stand_in::Capture> capture{};
};
struct CUevent_st {
  bool has_time;
  bool is_recorded = false;
  double milliseconds = 0;
  stand_in::Clock clock{};
  CUstream_st* captured_on = nullptr;
  int questions_left = 0;  ///< after which it is said to have come, though nobody waited
};

namespace stand_in {

/// The calling thread's default stream where it is null. Streams are never deleted.
CUstream_st& stream_of(cudaStream_t stream);
const std::vector<CUstream_st*>& all_streams();

/// What the host knows to be over.
const Clock& host_clock();
void host_waits_for(const Clock& clock);
void wait_for_all();

bool is_any_capturing();
/// Whether what a capture does not allow may not be called now, by this thread.
bool is_unsafe_now();
/// A call that a capture does not allow: a fault, after which the capture fails.
cudaError_t refuse(const std::string& call);

}  // namespace stand_in
