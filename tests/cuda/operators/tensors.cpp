#include "tensors.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_strided.h>
#include <ATen/ops/from_blob.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace stand_in {
namespace {

/// From the first number to the last, whatever lies between.
size_t extent(const at::Tensor& t) {
  if (!t.numel()) return 0;
  int64_t last = 0;
  for (int64_t i = 0; i < t.dim(); ++i) last += (t.size(i) - 1) * t.stride(i);
  return size_t(last + 1) * t.element_size();
}

}  // namespace

bool is_cuda(const at::Tensor& t) {
  return t.defined() && t.is_cuda();
}

at::Tensor seen_by_cpu(const at::Tensor& t) {
  if (!is_cuda(t)) return t;
  void* bytes = inside(const_cast<void*>(t.const_data_ptr()));
  return at::for_blob(bytes, t.sizes()).strides(t.strides()).options(at::TensorOptions(t.scalar_type())).make_tensor();
}

at::Tensor empty_like_on(c10::Device device, const at::Tensor& t) {
  if (!t.defined()) return t;
  const auto options = t.options().device(device).pinned_memory(std::nullopt);
  return t.is_non_overlapping_and_dense() ? at::empty_strided(t.sizes(), t.strides(), options)
                                          : at::empty(t.sizes(), options);
}

void* current_stream(c10::Device device) {
  return c10::cuda::getCurrentCUDAStream(device.index()).stream();
}

void queue(c10::Device device, const char* name, const Ranges& ranges, std::function<void()> work) {
  const c10::cuda::CUDAGuard guard(device);
  enqueue(current_stream(device), name, ranges.all(), std::move(work));
}

void Ranges::add(const at::Tensor& t, bool is_written) {
  if (is_cuda(t)) all_.push_back({t.const_data_ptr(), extent(t), is_written});
}

Tensors made_anew(const char* name, c10::Device device, Ranges ranges, std::function<Tensors()> work) {
  struct State {
    Tensors results, targets;
  };
  const auto state = std::make_shared<State>();
  const auto again = [work = std::move(work), mode = Mode()] { return mode(work); };
  state->results = again();
  Tensors made;
  for (const at::Tensor& result : state->results) {
    made.push_back(empty_like_on(device, result));
    state->targets.push_back(seen_by_cpu(made.back()));
    ranges.add(made.back(), true);
  }
  queue(device, name, ranges, [state, again] {
    if (state->results.empty()) state->results = again();
    const at::AutoDispatchBelowADInplaceOrView below;
    for (size_t i = 0; i < state->results.size(); ++i)
      if (state->results[i].defined()) state->targets[i].copy_(state->results[i]);
    state->results.clear();
  });
  return made;
}

}  // namespace stand_in
