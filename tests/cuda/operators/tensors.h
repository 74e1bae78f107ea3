#pragma once
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>

#include <functional>
#include <memory>
#include <vector>

#include "stand_in.h"

// ATen's operators on CUDA tensors are done by its operators for the CPU, on the same bytes. For that a tensor of the
// device is seen as one of the CPU that owns nothing.

namespace stand_in {

bool is_cuda(const at::Tensor& t);
/// The same numbers, for operators of the CPU in queued work; a tensor that is not on a device as it is.
at::Tensor seen_by_cpu(const at::Tensor& t);
/// An empty tensor of the shape and strides of one of the CPU.
at::Tensor empty_like_on(c10::Device device, const at::Tensor& t);
/// libtorch's current one, a cudaStream_t.
void* current_stream(c10::Device device);

class Ranges;
/// Queues work on that device's current stream, with the device as the current one, as libtorch's operators do.
void queue(c10::Device device, const char* name, const Ranges& ranges, std::function<void()> work);

/// The memory that an operator reads and writes.
class Ranges {
 public:
  void add(const at::Tensor& t, bool is_written);
  void add(const Range& range) { all_.push_back(range); }
  std::span<const Range> all() const { return all_; }

 private:
  std::vector<Range> all_;
};

/// What the calling thread's operators are called with, for work that runs later: no autograd, and the same inference
/// mode.
class Mode {
 public:
  template <class Work>
  auto operator()(const Work& work) const {
    const c10::InferenceMode mode(is_inference_);
    const at::AutoDispatchBelowADInplaceOrView below;
    return work();
  }

 private:
  bool is_inference_ = c10::InferenceMode::is_enabled();
};

using Tensors = std::vector<at::Tensor>;
/// Queues work whose results are new tensors. It is done at once, for only then their shapes are known, and again at
/// each launch of a graph.
Tensors made_anew(const char* name, c10::Device device, Ranges ranges, std::function<Tensors()> work);

}  // namespace stand_in
