// Puts the operators in the place of libtorch_cuda's kernels, after which it is loaded. What makes, moves and views
// memory stays libtorch's own, and so do its streams, allocators, events and graphs.
#include <c10/cuda/CUDACachingAllocator.h>
#include <torch/library.h>

#include <cstdlib>
#include <set>

#include "any_operator.h"
#include "own_operators.h"
#include "stand_in.h"

namespace stand_in {
namespace {

/// Those that do no computing, and those that are in own_operators.h.
const std::set<std::string>& left_alone() {
  static const auto& all = *new std::set<std::string>{"empty",
                                                      "empty_strided",
                                                      "as_strided",
                                                      "view",
                                                      "_reshape_alias",
                                                      "resize_",
                                                      "set_",
                                                      "record_stream",
                                                      "_local_scalar_dense",
                                                      "_fused_sdp_choice",
                                                      "is_pinned",
                                                      "_pin_memory",
                                                      "unfold",
                                                      "is_set_to",
                                                      "_cudnn_init_dropout_state",
                                                      "alias",
                                                      "cudnn_is_acceptable",
                                                      "_efficientzerotensor",
                                                      "view_as_real",
                                                      "view_as_complex",
                                                      "_fill_mem_eff_dropout_mask_",
                                                      "copy_",
                                                      "cudnn_convolution",
                                                      "_scaled_dot_product_cudnn_attention",
                                                      "_scaled_dot_product_flash_attention",
                                                      "_scaled_dot_product_efficient_attention",
                                                      "_scaled_mm"};
  return all;
}

/// STAND_IN_NATIVE names those that are to be libtorch's own: to see what it checks before it launches a kernel.
bool is_native(const std::string& name) {
  static const char* names = std::getenv("STAND_IN_NATIVE");
  return names && std::string(names).find(name) != std::string::npos;
}

void hear_allocator() {
  using Entry = c10::CachingDeviceAllocator::TraceEntry;
  c10::cuda::CUDACachingAllocator::attachAllocatorTraceTracker([](const Entry& entry) {
    const auto* data = reinterpret_cast<const void*>(entry.addr_);
    // a pool has two numbers, one of which is 0
    if (entry.action_ == Entry::ALLOC)
      block_taken(data, entry.size_, entry.stream_, entry.mempool_.first << 32 | entry.mempool_.second);
    if (entry.action_ == Entry::FREE_REQUESTED) block_returned(data);
    if (entry.action_ == Entry::SEGMENT_ALLOC) segment_taken(data, entry.size_);
  });
}

/// libtorch warns when a kernel takes another's place, which is all that is done here.
struct NoWarnings final : c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

struct Registered {
  Registered() {
    NoWarnings none;
    const c10::WarningUtils::WarningHandlerGuard silent(&none);
    auto& dispatcher = c10::Dispatcher::singleton();
    for (const auto& name : dispatcher.getAllOpNames()) {
      const auto op = dispatcher.findOp(name);
      if (!op || !op->hasKernelForDispatchKey(c10::DispatchKey::CUDA) || name.name.rfind("aten::", 0) != 0) continue;
      const std::string plain = name.name.substr(6);
      if (left_alone().count(plain) || is_native(plain)) continue;
      handles.push_back(dispatcher.registerImpl(name, c10::DispatchKey::CUDA,
                                                c10::KernelFunction::makeFromBoxedFunction<&any_operator>(),
                                                std::nullopt, nullptr, "stand-in"));
    }
    own.impl("copy_", copy);
    own.impl("cudnn_convolution", convolution);
    own.impl("_scaled_dot_product_cudnn_attention", cudnn_attention);
    own.impl("_scaled_dot_product_flash_attention", flash_attention);
    own.impl("_scaled_dot_product_efficient_attention", efficient_attention);
    if (!is_native("_scaled_mm")) own.impl("_scaled_mm", scaled_product);
    set_before_first_memory(hear_allocator);
  }
  std::vector<c10::RegistrationHandleRAII> handles;
  torch::Library own{torch::Library::IMPL, "aten", c10::DispatchKey::CUDA, __FILE__, __LINE__};
};
// never destroyed: tensors of the program's statics may go later
[[maybe_unused]] const Registered& registered = *new Registered;

}  // namespace
}  // namespace stand_in
