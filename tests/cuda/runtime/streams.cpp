// Streams and events. What is queued runs at once, so a wait only tells the clocks who knows what.
#include "streams.h"

#include <ctime>
#include <utility>

#include "api.h"
#include "pinned.h"
#include "report.h"
#include "settings.h"

namespace stand_in {
namespace {

std::vector<CUstream_st*>& streams() {
  static auto& all = *new std::vector<CUstream_st*>;
  return all;
}
Clock& host() {
  static auto& clock = *new Clock;
  return clock;
}
thread_local cudaStreamCaptureMode mode_of_thread = cudaStreamCaptureModeGlobal;

CUstream_st* new_stream(bool waits_for_default) {
  const int number = int(streams().size()) + 1;  // 0 is no stream
  streams().push_back(
      new CUstream_st{.number = number, .device = current_device(), .waits_for_default = waits_for_default});
  return streams().back();
}

CUstream_st& default_stream(int device) {
  static auto& all = *new std::vector<CUstream_st*>(size_t(settings().devices));
  if (!all[size_t(device)]) all[size_t(device)] = new_stream(false);
  return *all[size_t(device)];
}

/// Whether that capture stands in the way of unsafe calls of this thread.
bool forbids(const CUstream_st& stream) {
  if (!stream.capture || mode_of_thread == cudaStreamCaptureModeRelaxed) return false;
  if (stream.capture->mode == cudaStreamCaptureModeGlobal) return true;
  return stream.capture->mode == cudaStreamCaptureModeThreadLocal &&
         stream.capture->thread == std::this_thread::get_id();
}

double now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return double(t.tv_sec) * 1e3 + double(t.tv_nsec) * 1e-6;
}

cudaError_t create(cudaStream_t* made, unsigned flags) {
  const Locked locked(runtime_lock());
  *made = new_stream(!(flags & cudaStreamNonBlocking));
  return cudaSuccess;
}

}  // namespace

CUstream_st& stream_of(cudaStream_t stream) {
  const bool is_default = !stream || stream == cudaStreamLegacy || stream == cudaStreamPerThread;
  return is_default ? default_stream(current_device()) : *stream;
}
const std::vector<CUstream_st*>& all_streams() {
  return streams();
}
const Clock& host_clock() {
  return host();
}

void host_waits_for(const Clock& clock) {
  host().join(clock);
  open_what_is_over();
}

void wait_for_all() {
  for (const CUstream_st* stream : streams())
    if (!stream->capture) host().join(stream->clock);
  open_what_is_over();
}

bool is_any_capturing() {
  for (const CUstream_st* stream : streams())
    if (stream->capture) return true;
  return false;
}

bool is_unsafe_now() {
  for (const CUstream_st* stream : streams())
    if (forbids(*stream)) return true;
  return false;
}

cudaError_t refuse(const std::string& call) {
  fault(call + " while a stream is being captured");
  for (CUstream_st* stream : streams())
    if (stream->capture) stream->capture->is_broken = true;
  return set_error(cudaErrorStreamCaptureUnsupported);
}

}  // namespace stand_in

using namespace stand_in;

API cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  if (least) *least = 0;
  if (greatest) *greatest = -5;
  return cudaSuccess;
}
API cudaError_t cudaStreamCreate(cudaStream_t* made) {
  return create(made, cudaStreamDefault);
}
API cudaError_t cudaStreamCreateWithFlags(cudaStream_t* made, unsigned flags) {
  return create(made, flags);
}
API cudaError_t cudaStreamCreateWithPriority(cudaStream_t* made, unsigned flags, int) {
  return create(made, flags);
}
API cudaError_t cudaStreamDestroy(cudaStream_t) {
  return cudaSuccess;
}

API cudaError_t cudaDeviceSynchronize() {
  const Locked locked(runtime_lock());
  if (is_unsafe_now()) return refuse("cudaDeviceSynchronize");
  wait_for_all();
  return cudaSuccess;
}
API cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  const Locked locked(runtime_lock());
  const CUstream_st& stream = stream_of(handle);
  if (stream.capture || is_unsafe_now()) return refuse("cudaStreamSynchronize");
  host_waits_for(stream.clock);
  return cudaSuccess;
}
API cudaError_t cudaStreamQuery(cudaStream_t handle) {
  const Locked locked(runtime_lock());
  const CUstream_st& stream = stream_of(handle);
  if (stream.capture || is_unsafe_now()) return refuse("cudaStreamQuery");
  host_waits_for(stream.clock);
  return cudaSuccess;
}
API cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
  const Locked locked(runtime_lock());
  CUstream_st& stream = stream_of(handle);
  log("stream " + std::to_string(stream.number) + ": waits for an event");
  if (!event->is_recorded) fault("cudaStreamWaitEvent for an event that was never recorded");
  if (stream.capture && event->captured_on != &stream) return refuse("cudaStreamWaitEvent for an event from outside");
  if (event->captured_on && !stream.capture)
    return refuse("cudaStreamWaitEvent for an event of the capture, by another stream");
  stream.clock.join(event->clock);
  return cudaSuccess;
}
API cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t call, void* data, unsigned) {
  call(stream, cudaSuccess, data);
  return cudaSuccess;
}

API cudaError_t cudaEventCreateWithFlags(cudaEvent_t* made, unsigned flags) {
  *made = new CUevent_st{.has_time = !(flags & cudaEventDisableTiming)};
  return cudaSuccess;
}
API cudaError_t cudaEventCreate(cudaEvent_t* made) {
  return cudaEventCreateWithFlags(made, cudaEventDefault);
}
API cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Locked locked(runtime_lock());
  delete event;
  return cudaSuccess;
}
API cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  const Locked locked(runtime_lock());
  CUstream_st& stream = stream_of(handle);
  log("stream " + std::to_string(stream.number) + ": records an event");
  stream.clock.join(host_clock());
  event->clock = stream.clock, event->is_recorded = true, event->questions_left = settings().lag;
  event->captured_on = stream.capture ? &stream : nullptr;
  event->milliseconds = now();
  return cudaSuccess;
}
API cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned) {
  return cudaEventRecord(event, stream);
}
API cudaError_t cudaEventQuery(cudaEvent_t event) {
  const Locked locked(runtime_lock());
  if (event->captured_on || is_unsafe_now()) return refuse("cudaEventQuery");
  // a GPU lags behind: who only asks must be right with either answer
  if (!host_clock().covers(event->clock) && event->questions_left-- > 0) return set_error(cudaErrorNotReady);
  host_waits_for(event->clock);
  return cudaSuccess;
}
API cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Locked locked(runtime_lock());
  if (event->captured_on || is_unsafe_now()) return refuse("cudaEventSynchronize");
  host_waits_for(event->clock);
  return cudaSuccess;
}
API cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
  if (!from->has_time || !to->has_time) {
    fault("cudaEventElapsedTime of events without times");
    return set_error(cudaErrorInvalidResourceHandle);
  }
  *milliseconds = float(to->milliseconds - from->milliseconds);
  return cudaSuccess;
}
API cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  return std::swap(*mode, mode_of_thread), cudaSuccess;
}
