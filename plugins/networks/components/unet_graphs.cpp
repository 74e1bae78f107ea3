#include "networks/components/unet_graphs.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <stdexcept>

#include "networks/kernels/cuda_library.h"

namespace calotype::networks {
namespace {

/// More shapes than one request has; each costs the memory of its buffers, and all share one pool.
constexpr size_t kMostGraphs = 8;

using Function = bool (*)(cuda::Graph*, cuda::Failure);

/// What a graph's recording or launch says went wrong.
struct GraphFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void succeed(Function function, cuda::Graph* graph) {
  char text[512] = "";
  if (!function(graph, {text, sizeof text})) throw GraphFailure(text[0] ? text : "unknown cause");
}

std::string first_line(const std::exception& e) {
  const auto* torch = dynamic_cast<const c10::Error*>(&e);
  const std::string text = torch ? torch->what_without_backtrace() : e.what();
  return text.substr(0, text.find('\n'));
}

/// What is queued on `later` from here on begins when what is queued on `first` has ended.
void wait(const c10::Stream& later, const c10::Stream& first) {
  c10::Event ended(first.device_type());
  ended.record(first);
  ended.block(later);
}

/// cuBLAS keeps a workspace for each stream, for ever: allocated while a graph is recorded it would be of the graph's
/// memory. The graphs that were recorded on `side` use the same one, on whatever stream they are launched.
void prepare_cublas(const Unet& unet, const c10::Stream& side) {
  const c10::Stream current = c10::impl::VirtualGuardImpl(side.device_type()).getStream(side.device());
  wait(side, current);
  {
    const c10::StreamGuard guard(side);
    const at::Tensor square = at::zeros({64, 64}, unet.options());
    at::linear(square, square, square.select(0, 0));
    at::linear(square, square);
  }
  wait(current, side);
}

struct DeleteGraph {
  void operator()(cuda::Graph* graph) const { cuda_library().graph_delete(graph); }
};

bool is_same(const std::weak_ptr<TextMemory>& a, const std::shared_ptr<TextMemory>& b) {
  return !a.owner_before(b) && !b.owner_before(a);  // not by address, which another may have had before
}

}  // namespace

bool is_out_of_gpu_memory(const std::exception& e) {
  return dynamic_cast<const c10::OutOfMemoryError*>(&e) ||
         std::string_view(e.what()).find("CUDA error: out of memory") != std::string_view::npos;
}

struct UnetGraphs::Graph {
  std::unique_ptr<cuda::Graph, DeleteGraph> graph;
  at::Tensor x, timesteps;          // read by each launch
  Unet::Conditioning conditioning;  // read by each launch
  std::weak_ptr<TextMemory> text;   // whose conditioning that is
  at::Tensor deep;                  // written by each launch, or read where the features are taken over
  at::Tensor output;                // written by each launch

  at::Tensor launch(const at::Tensor& input, double timestep, const Unet::Conditioning& about,
                    at::Tensor* deep_features) {
    x.copy_(input);
    timesteps.fill_(timestep);
    if (!is_same(text, about.context.memory)) conditioning.write(about), text = about.context.memory;
    const bool takes_over = deep_features && deep_features->defined();
    if (takes_over) deep.copy_(*deep_features);
    succeed(cuda_library().graph_replay, graph.get());
    // the next launch overwrites them
    if (deep_features && !takes_over) *deep_features = deep.clone();
    return output.clone();
  }
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
  known_.clear();
}

bool UnetGraphs::is_empty() const {
  return std::none_of(known_.begin(), known_.end(), [](const auto& one) { return one.second.graph != nullptr; });
}

bool UnetGraphs::wants_graph(const Known& known, Use use) const {
  if (known.is_refused || use.mode == CudaGraphs::off) return false;
  return known.graph || use.mode == CudaGraphs::on || use.pass != known.first_pass;
}

void UnetGraphs::refuse(Known& known, const std::string& what) {
  known.graph.reset();
  known.is_refused = true;
  warnings_.push_back("cuda_graphs: the UNet's calls " + what +
                      "; they run one kernel at a time, as with cuda_graphs: off");
}

void UnetGraphs::forget_oldest() {
  size_t count = 0;
  Known* oldest = nullptr;
  for (auto& [shape, known] : known_) {
    if (!known.graph) continue;
    ++count;
    if (!oldest || known.last_call < oldest->last_call) oldest = &known;
  }
  if (count > kMostGraphs) oldest->graph.reset();
}

std::unique_ptr<UnetGraphs::Graph> UnetGraphs::record(const Unet& unet, const at::Tensor& x,
                                                      const Unet::Conditioning& conditioning,
                                                      const at::Tensor* deep) const {
  const cuda::Graph* neighbour = nullptr;
  for (const auto& [shape, other] : known_)
    if (other.graph) neighbour = other.graph->graph.get();
  auto made = std::make_unique<Graph>();
  made->graph.reset(cuda_library().graph_new(neighbour));
  made->x = at::empty_like(x);
  made->timesteps = at::empty({x.size(0)}, x.options().dtype(at::kFloat));
  unet.read_text(conditioning);
  made->conditioning = conditioning.buffers();
  made->text = conditioning.context.memory;
  if (deep && deep->defined()) made->deep = at::empty_like(*deep);

  prepare_cublas(unet, side_);
  const c10::StreamGuard guard(side_);
  succeed(cuda_library().graph_begin, made->graph.get());
  try {
    made->output = unet(made->x, made->timesteps, made->conditioning, deep ? &made->deep : nullptr);
  } catch (const std::exception&) {
    char ignored[2];
    cuda_library().graph_end(made->graph.get(), {ignored, sizeof ignored});
    throw;
  }
  succeed(cuda_library().graph_end, made->graph.get());
  return made;
}

std::unique_ptr<UnetGraphs::Graph> UnetGraphs::try_to_record(const Unet& unet, const at::Tensor& x,
                                                             const Unet::Conditioning& conditioning,
                                                             const at::Tensor* deep) {
  const auto once = [&] {
    auto made = record(unet, x, conditioning, deep);
    ++recorded_;
    return made;
  };
  try {
    return once();
  } catch (const std::exception& e) {
    if (!is_out_of_gpu_memory(e)) throw;
  }
  // what the allocator keeps for calls as they are cannot be given back while a graph is recorded
  at::accelerator::emptyCache();
  return once();
}

at::Tensor UnetGraphs::call_plainly(const Unet& unet, const at::Tensor& x, double timestep,
                                    const Unet::Conditioning& conditioning, at::Tensor* deep) {
  const at::Tensor given = deep ? *deep : at::Tensor();
  return with_memory_of(*this, [&] {
    if (deep) *deep = given;
    return unet(x, timestep, conditioning, deep);
  });
}

at::Tensor UnetGraphs::operator()(const Unet& unet, const at::Tensor& x, double timestep,
                                  const Unet::Conditioning& conditioning, at::Tensor* deep, Use use) {
  const c10::DeviceGuard guard(device_);
  const Deep way = !deep ? Deep::none : deep->defined() ? Deep::taken_over : Deep::kept;
  const Shape shape{x.sizes().vec(), conditioning.context.encoded.sizes().vec(), conditioning.context.token_merging,
                    way, at::globalContext().allowTF32CuDNN()};
  const auto found = known_.find(shape);
  if (found == known_.end()) {
    at::Tensor output = call_plainly(unet, x, timestep, conditioning, deep);
    known_[shape] = {nullptr, use.pass};  // not where the call failed: what it was to leave is not there
    return output;
  }
  Known& known = found->second;
  known.last_call = ++calls_;
  if (wants_graph(known, use)) {
    const char* what = "cannot be recorded: ";
    try {
      if (!known.graph) {
        known.graph = try_to_record(unet, x, conditioning, deep);
        forget_oldest();
      }
      what = "cannot be launched: ";
      unet.read_text(conditioning);
      return known.graph->launch(x, timestep, conditioning, deep);
    } catch (const std::exception& e) {
      refuse(known, what + first_line(e));
    }
  }
  return call_plainly(unet, x, timestep, conditioning, deep);
}

}  // namespace calotype::networks
