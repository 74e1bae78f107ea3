// Captures and graphs. On a GPU nothing runs while a stream is captured; here it does, for the operators must give
// tensors back, and afterwards the memory is as if nothing had run: the graph's own holds no numbers, any other what it
// held before.
#include "graphs.h"

#include <cstring>
#include <utility>

#include "api.h"
#include "blocks.h"
#include "memory.h"
#include "report.h"
#include "settings.h"

struct CUgraph_st {
  std::vector<stand_in::Task> tasks;
};
struct CUgraphExec_st {
  std::vector<stand_in::Task> tasks;
};

namespace stand_in {
namespace {

void save(Capture& capture, const Range& range) {
  const char* bytes = static_cast<const char*>(inside(range.data));
  capture.saved.push_back({const_cast<char*>(bytes), {bytes, bytes + range.size}});
}

void undo(const Capture& capture) {
  for (auto saved = capture.saved.rbegin(); saved != capture.saved.rend(); ++saved)
    std::memcpy(saved->data, saved->bytes.data(), saved->bytes.size());
  for (const Task& task : capture.tasks)
    for (size_t i = 0; i < task.ranges.size(); ++i)
      if (task.ranges[i].is_written && task.blocks[i] == kOwn)
        std::memset(inside(const_cast<void*>(task.ranges[i].data)), 0xff, task.ranges[i].size);
}

cudaError_t instantiate(cudaGraphExec_t* made, cudaGraph_t graph) {
  const Locked locked(runtime_lock());
  if (is_to_fail("instantiate")) return set_error(cudaErrorMemoryAllocation);
  count("graph instantiated");
  *made = new CUgraphExec_st{graph->tasks};
  return cudaSuccess;
}

cudaError_t launch(const CUgraphExec_st& graph, CUstream_st& stream) {
  if (stream.capture) return refuse("cudaGraphLaunch");
  if (is_to_fail("graphlaunch")) return set_error(cudaErrorMemoryAllocation);
  count("graph launched");
  log("stream " + std::to_string(stream.number) + ": a graph of " + std::to_string(graph.tasks.size()));
  for (const Task& task : graph.tasks) run(stream, task);
  return cudaSuccess;
}

}  // namespace

void record(Capture& capture, Task task) {
  for (const Range& range : task.ranges) {
    const bool is_on_device = range.size && is_device(range.data);
    if (is_on_device && device_of_allocated(range.data, range.size) < 0)
      fault(std::string(task.name) + ": device memory that is not allocated");
    else if (is_on_device && is_returned(range))
      fault(std::string(task.name) + ": memory that was given back to libtorch's allocator");
    const bool is_graphs_own = is_on_device && is_own(range, capture.first_block);
    task.blocks.push_back(is_graphs_own ? kOwn : is_on_device ? block_of(range) : 0);
    if (is_on_device && range.is_written && !is_graphs_own) save(capture, range);
  }
  task.body();
  capture.tasks.push_back(std::move(task));
}

}  // namespace stand_in

using namespace stand_in;

API cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  const Locked locked(runtime_lock());
  static uint64_t captures = 0;
  CUstream_st& stream = stream_of(handle);
  if (&stream == &stream_of(nullptr)) {
    fault("cudaStreamBeginCapture on the default stream");
    return set_error(cudaErrorStreamCaptureUnsupported);
  }
  log("stream " + std::to_string(stream.number) + ": begins a capture");
  stream.capture.reset(new Capture{++captures, mode, std::this_thread::get_id(), blocks_taken()});
  return cudaSuccess;
}
API cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  const Locked locked(runtime_lock());
  *graph = nullptr;
  const auto capture = std::exchange(stream_of(handle).capture, nullptr);
  if (!capture) return set_error(cudaErrorIllegalState);
  undo(*capture);
  if (capture->is_broken) return set_error(cudaErrorStreamCaptureInvalidated);
  count("graph captured");
  *graph = new CUgraph_st{std::move(capture->tasks)};
  return cudaSuccess;
}
API cudaError_t cudaStreamGetCaptureInfo(cudaStream_t handle, cudaStreamCaptureStatus* status,
                                         unsigned long long* number, cudaGraph_t* graph, const cudaGraphNode_t** nodes,
                                         const cudaGraphEdgeData** edges, size_t* count) {
  const Locked locked(runtime_lock());
  const auto& capture = stream_of(handle).capture;
  *status = capture ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  if (number) *number = capture ? capture->number : 0;
  if (graph) *graph = nullptr;
  if (nodes) *nodes = nullptr;
  if (edges) *edges = nullptr;
  if (count) *count = 0;
  return cudaSuccess;
}
API cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  return cudaStreamGetCaptureInfo(handle, status, nullptr, nullptr, nullptr, nullptr, nullptr);
}
API cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return delete graph, cudaSuccess;
}
API cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  return delete graph, cudaSuccess;
}
API cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t*, size_t* count) {
  return *count = graph->tasks.size(), cudaSuccess;
}
API cudaError_t cudaGraphNodeGetDependencies(cudaGraphNode_t, cudaGraphNode_t*, cudaGraphEdgeData*, size_t* count) {
  return *count = 0, cudaSuccess;
}
API cudaError_t cudaGraphDebugDotPrint(cudaGraph_t, const char*, unsigned) {
  return cudaSuccess;
}
API cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long) {
  return instantiate(made, graph);
}
API cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long) {
  return instantiate(made, graph);
}
API cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  const Locked locked(runtime_lock());
  return launch(*graph, stream_of(stream));
}
