// CUDA graphs, by way of ATen's: its allocator gives what is allocated while one is recorded from a pool of the graph's
// own.
#include "networks/kernels/cuda/graph.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>

#include <algorithm>
#include <cstring>
#include <exception>

namespace calotype::networks::cuda {

struct Graph final : at::cuda::CUDAGraph {
  explicit Graph(at::cuda::MempoolId_t memory) : memory_pool(memory) {}
  /// Whether its end was reached, after which its destructor lets its part of the pool go.
  bool is_ended() const { return capture_ended_; }
  const at::cuda::MempoolId_t memory_pool;
};

namespace {

/// Whether `body` succeeds; no exception leaves the library.
template <class Body>
bool succeeds(Failure why, Body body) {
  const auto say = [&](const char* text) {
    // what follows the first line of libtorch's errors is for its developers
    const size_t length = std::min(std::strcspn(text, "\n"), why.room - 1);
    std::memcpy(why.text, text, length);
    why.text[length] = 0;
  };
  try {
    body();
    return true;
  } catch (const c10::Error& e) {
    say(e.what_without_backtrace());
  } catch (const std::exception& e) {
    say(e.what());
  }
  return false;
}

/// What ATen leaves as it was when a recording fails: both allocators' redirections to the pool, which ask a graph that
/// will be gone, and the last error. A pool is let go only where it was taken: another graph may be in it.
void clear_after_failure(const Graph& graph) {
  char ignored[2];
  const Failure nobody{ignored, sizeof ignored};
  if (!graph.is_ended()) {
    succeeds(nobody, [&] {
      const auto device = c10::cuda::current_device();
      c10::cuda::CUDACachingAllocator::endAllocateToPool(device, graph.memory_pool);
      c10::cuda::CUDACachingAllocator::releasePool(device, graph.memory_pool);
    });
    succeeds(nobody, [&] {
      at::HostAllocator* host = at::getHostAllocator(at::kCUDA);
      host->end_allocate_to_pool(graph.memory_pool);
      host->release_pool(graph.memory_pool);
    });
  }
  (void)cudaGetLastError();
}

}  // namespace

Graph* graph_new(const Graph* neighbour) {
  return new Graph(neighbour ? neighbour->memory_pool : at::cuda::graph_pool_handle());
}

void graph_delete(Graph* graph) {
  delete graph;
}

bool graph_begin(Graph* graph, Failure why) {
  // of this thread alone: others may allocate meanwhile
  const auto begin = [&] { graph->capture_begin(graph->memory_pool, cudaStreamCaptureModeThreadLocal); };
  if (succeeds(why, begin)) return true;
  clear_after_failure(*graph);
  return false;
}

bool graph_end(Graph* graph, Failure why) {
  if (succeeds(why, [&] { graph->capture_end(); })) return true;
  clear_after_failure(*graph);
  return false;
}

bool graph_replay(Graph* graph, Failure why) {
  return succeeds(why, [&] { graph->replay(); });
}

}  // namespace calotype::networks::cuda
