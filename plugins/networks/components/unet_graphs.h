#pragma once
#include <ATen/DeviceAccelerator.h>
#include <c10/core/Stream.h>
#include <calotype/request.h>

#include <exception>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "networks/components/unet.h"

namespace calotype::networks {

/// The UNet's calls on CUDA, recorded once and then launched as a whole. There is one graph for each shape of a call,
/// and it stays from request to request: it reads latents, time, the keys and values of the text and the other
/// conditioning from buffers of its own, into which each call copies what has changed. The first calls of a shape run
/// as they are, so that all that is chosen or made at a first use (cuDNN's plans, cuBLAS's workspace, the measured
/// attention) is there before anything is recorded.
///
/// A graph that cannot be recorded or launched is let go, its shape's calls run as they are from then on, and a warning
/// says so. Used by one thread at a time.
class UnetGraphs {
 public:
  /// How a call is asked for.
  struct Use {
    CudaGraphs mode = CudaGraphs::on;
    /// Which pass over the sigmas the call belongs to: another number for each. In the mode `automatic` a shape is
    /// recorded when it is met in a second one.
    uint64_t pass = 0;
  };

  /// Whether calls on that device can be recorded: on CUDA, and by a build that has sdxl_cuda.so.
  static bool can_record(at::Device device);
  /// Throws Error (unavailable) as cuda_library() does.
  explicit UnetGraphs(at::Device device);
  UnetGraphs(const UnetGraphs&) = delete;
  ~UnetGraphs();

  /// As unet(x, timestep, conditioning, deep), the same kernels in the same order, always of the same network.
  at::Tensor operator()(const Unet& unet, const at::Tensor& x, double timestep, const Unet::Conditioning& conditioning,
                        at::Tensor* deep, Use use);
  /// A number that no pass had before.
  uint64_t new_pass() { return ++passes_; }
  /// Lets all graphs and their memory go. They are recorded again when they are next wanted.
  void clear();
  /// Whether no graph is there.
  bool is_empty() const;
  /// How many were recorded since the beginning.
  size_t recorded() const { return recorded_; }
  std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

 private:
  struct Graph;
  enum class Deep { none, kept, taken_over };
  /// All that a graph's kernels depend on: sizes of x and of the text, part of the positions that are merged, deep
  /// features, and whether float32 is read as TF32.
  using Shape = std::tuple<std::vector<int64_t>, std::vector<int64_t>, double, Deep, bool>;
  struct Known {
    std::unique_ptr<Graph> graph;
    uint64_t first_pass = 0, last_call = 0;
    bool is_refused = false;  ///< it could not be recorded or launched
  };
  bool wants_graph(const Known& known, Use use) const;
  std::unique_ptr<Graph> record(const Unet& unet, const at::Tensor& x, const Unet::Conditioning& conditioning,
                                const at::Tensor* deep) const;
  /// Null, and a warning, where it cannot be recorded.
  std::unique_ptr<Graph> try_to_record(const Unet& unet, const at::Tensor& x, const Unet::Conditioning& conditioning,
                                       const at::Tensor* deep);
  at::Tensor call_plainly(const Unet& unet, const at::Tensor& x, double timestep,
                          const Unet::Conditioning& conditioning, at::Tensor* deep);
  /// Of those with a graph, lets the one go whose last call is the longest ago, where there are too many.
  void forget_oldest();
  void refuse(Known& known, const std::string& what);

  at::Device device_;
  c10::Stream side_;  // that graphs are recorded on: the default one cannot be
  std::map<Shape, Known> known_;
  uint64_t calls_ = 0, passes_ = 0;
  size_t recorded_ = 0;
  std::vector<std::string> warnings_;
};

/// Whether that says that memory on a GPU is out: libtorch's allocator says so, or the CUDA runtime.
bool is_out_of_gpu_memory(const std::exception& e);

/// What `body` gives. Where it finds too little memory on the GPU and graphs are there, they go, and it runs once more.
template <class Body>
auto with_memory_of(UnetGraphs& graphs, Body body) {
  try {
    return body();
  } catch (const std::exception& e) {
    if (!is_out_of_gpu_memory(e) || graphs.is_empty()) throw;
  }
  // here, where what the body had made is gone
  graphs.clear();
  at::accelerator::emptyCache();
  return body();
}

}  // namespace calotype::networks
