// CUDA graphs, by way of ATen's: its allocator gives what is allocated while one is recorded from a pool of the graph's own.
#include "graph.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>

#include <algorithm>
#include <cstring>
#include <exception>

namespace calotype::sdxl::cuda {

struct Graph {
  at::cuda::MempoolId_t pool;
  at::cuda::CUDAGraph graph{};
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

/// What ATen leaves as it was when a recording fails: the allocator's redirection to the pool, and the last error.
void clear_after_failure(const Graph& graph) {
  const auto device = c10::cuda::current_device();
  char ignored[2];
  succeeds({ignored, sizeof ignored}, [&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(device, graph.pool); });
  succeeds({ignored, sizeof ignored}, [&] { c10::cuda::CUDACachingAllocator::releasePool(device, graph.pool); });
  (void)cudaGetLastError();
}

}  // namespace

Graph* graph_new(const Graph* neighbour) {
  return new Graph{neighbour ? neighbour->pool : at::cuda::graph_pool_handle()};
}

void graph_delete(Graph* graph) {
  delete graph;
}

bool graph_begin(Graph* graph, Failure why) {
  // of this thread alone: others may allocate meanwhile
  const auto begin = [&] { graph->graph.capture_begin(graph->pool, cudaStreamCaptureModeThreadLocal); };
  if (succeeds(why, begin)) return true;
  clear_after_failure(*graph);
  return false;
}

bool graph_end(Graph* graph, Failure why) {
  if (succeeds(why, [&] { graph->graph.capture_end(); })) return true;
  clear_after_failure(*graph);
  return false;
}

bool graph_replay(Graph* graph, Failure why) {
  return succeeds(why, [&] { graph->graph.replay(); });
}

}  // namespace calotype::sdxl::cuda
