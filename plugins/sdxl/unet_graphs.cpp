#include "unet_graphs.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>
#include <calotype/error.h>

#include "cuda_library.h"

namespace calotype::sdxl {
namespace {

using Function = bool (*)(cuda::Graph*, cuda::Failure);

/// What went wrong, or "".
std::string failure_of(Function function, cuda::Graph* graph) {
  char text[512] = "";
  return function(graph, {text, sizeof text}) ? "" : text[0] ? text : "unknown cause";
}

[[noreturn]] void fail(const char* what, const std::string& why) {
  throw Error(ErrorCode::internal, std::string("CUDA graph of the network: ") + what + ": " + why);
}

/// cuBLAS keeps a workspace for each stream, for ever: allocated while a graph is recorded it would be of the graph's
/// memory.
void prepare_cublas(const Unet& unet) {
  const at::Tensor square = at::zeros({64, 64}, unet.options());
  at::linear(square, square, square.select(0, 0));
  at::linear(square, square);
}

struct DeleteGraph {
  void operator()(cuda::Graph* graph) const { cuda_library().graph_delete(graph); }
};

}  // namespace

struct UnetGraphs::Recorded {
  std::unique_ptr<cuda::Graph, DeleteGraph> graph;
  at::Tensor x, timesteps;  // read by each launch
  at::Tensor deep;          // written by each launch, or read where the features are taken over
  at::Tensor output;        // written by each launch
};

bool UnetGraphs::can_record(at::Device device) {
  return device.is_cuda() && is_cuda_library_built();
}

UnetGraphs::UnetGraphs(at::Device device)
    : device_(device), side_(c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device)) {
  cuda_library();
}

UnetGraphs::~UnetGraphs() = default;

void UnetGraphs::clear() {
  recorded_.clear();
}

std::unique_ptr<UnetGraphs::Recorded> UnetGraphs::record(const Unet& unet, const at::Tensor& x,
                                                         const Unet::Conditioning& conditioning,
                                                         const at::Tensor* deep) const {
  const cuda::Graph* neighbour = nullptr;
  for (const auto& [key, other] : recorded_)
    if (other) neighbour = other->graph.get();
  auto made = std::make_unique<Recorded>();
  made->graph.reset(cuda_library().graph_new(neighbour));
  made->x = at::empty_like(x);
  made->timesteps = at::empty({x.size(0)}, x.options().dtype(at::kFloat));
  if (deep && deep->defined()) made->deep = at::empty_like(*deep);
  // what is free but of the other pool would stay so
  at::accelerator::emptyCache();

  const c10::StreamGuard guard(side_);
  prepare_cublas(unet);
  if (const auto why = failure_of(cuda_library().graph_begin, made->graph.get()); !why.empty())
    fail("cannot be recorded", why);
  try {
    made->output = unet(made->x, made->timesteps, conditioning, deep ? &made->deep : nullptr);
  } catch (const std::exception& e) {
    failure_of(cuda_library().graph_end, made->graph.get());
    // the host has other ways to go on where memory is short
    if (dynamic_cast<const c10::OutOfMemoryError*>(&e)) throw;
    const auto* torch = dynamic_cast<const c10::Error*>(&e);
    const std::string text = torch ? torch->what_without_backtrace() : e.what();
    fail("cannot be recorded", text.substr(0, text.find('\n')));
  }
  if (const auto why = failure_of(cuda_library().graph_end, made->graph.get()); !why.empty())
    fail("cannot be recorded", why);
  return made;
}

at::Tensor UnetGraphs::operator()(const Unet& unet, const at::Tensor& x, double timestep,
                                  const Unet::Conditioning& conditioning, at::Tensor* deep) {
  const c10::DeviceGuard guard(device_);
  const Deep use = !deep ? Deep::none : deep->defined() ? Deep::taken_over : Deep::kept;
  Key key{&conditioning, x.sizes().vec(), use};
  const auto place = recorded_.find(key);
  if (place == recorded_.end()) {
    at::Tensor output = unet(x, timestep, conditioning, deep);
    recorded_.emplace(std::move(key), nullptr);  // not where the call failed: what it was to leave is not there
    return output;
  }
  auto& recorded = place->second;
  if (!recorded) recorded = record(unet, x, conditioning, deep);
  recorded->x.copy_(x);
  if (use == Deep::taken_over) recorded->deep.copy_(*deep);
  recorded->timesteps.fill_(timestep);
  if (const auto why = failure_of(cuda_library().graph_replay, recorded->graph.get()); !why.empty())
    fail("cannot be launched", why);
  if (use == Deep::kept) *deep = recorded->deep.clone();
  return recorded->output.clone();
}

}  // namespace calotype::sdxl
