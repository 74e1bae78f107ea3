#include "networks/components/pinned_weights.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "networks/components/block_layout.h"
#include "networks/kernels/pinned_memory.h"
#include "networks/ops/parallel.h"

namespace calotype::networks {
namespace {

/// The blocks of a network one after the other.
class PinnedBlocks : public std::enable_shared_from_this<PinnedBlocks> {
 public:
  PinnedBlocks(BlockLayouts layouts, at::ScalarType dtype, at::Device device, const std::string& where)
      : layouts_(std::move(layouts)), device_(device), memory_(end_of(layouts_), dtype, device, where) {}

  /// Every tensor in that memory, by name.
  std::map<std::string, at::Tensor> tensors() const {
    std::map<std::string, at::Tensor> out;
    for (const auto& [name, block] : layouts_)
      for (const auto& [tensor, place] : block.tensors) out[tensor] = view(place, memory_.numbers(), block.begin);
    return out;
  }

  /// The tensors of a block on the device, when what is queued on its current stream is done.
  std::shared_ptr<const Weights::LazyMap> fetch(const std::string& name) const {
    const BlockLayout& block = layouts_.at(name);
    const at::Tensor together = on_device(memory_.numbers().narrow(0, block.begin, block.together));
    auto tensors = std::make_shared<Weights::LazyMap>();
    for (const auto& [tensor, place] : block.tensors) {
      if (place.is_apart)
        tensors->emplace(tensor, copied(view(place, memory_.numbers(), block.begin)));
      else
        tensors->emplace(tensor, LazyTensor{place.shape, [there = view(place, together, 0)] { return there; }});
    }
    return tensors;
  }

  /// Copied to the device each time it is read.
  LazyTensor copied(const at::Tensor& pinned) const {
    return {pinned.sizes().vec(), [self = shared_from_this(), pinned] { return self->on_device(pinned); }};
  }

 private:
  static int64_t end_of(const BlockLayouts& layouts) {
    int64_t end = 0;
    for (const auto& [block, layout] : layouts) end = std::max(end, layout.end());
    return end;
  }

  static at::Tensor view(const TensorPlace& place, const at::Tensor& all, int64_t begin) {
    return all.as_strided(place.shape, place.strides, begin + place.begin);
  }

  /// ATen does not know this memory, so it does not keep it until the copy is done: PinnedMemory does.
  at::Tensor on_device(const at::Tensor& pinned) const {
    return pinned.to(pinned.options().device(device_), /*non_blocking=*/true);
  }

  BlockLayouts layouts_;
  at::Device device_;
  PinnedMemory memory_;
};

void fill(const std::map<std::string, at::Tensor>& tensors, const Weights& from) {
  const std::vector<std::pair<std::string, at::Tensor>> all(tensors.begin(), tensors.end());
  in_parallel(all.size(), [&](size_t i) { all[i].second.copy_(from[all[i].first]); });
}

}  // namespace

Weights pinned_weights(const TensorSources& sources, at::Device device, at::ScalarType dtype, Quantization how,
                       const std::string& where, const WeightRead& read) {
  open_kernels(device);
  const Weights in_files = open_weights(sources, at::kCPU, dtype, where, read);
  const auto blocks = std::make_shared<const PinnedBlocks>(block_layouts(sources, dtype, how), dtype, device, where);
  fill(blocks->tensors(), in_files);
  auto tensors = std::make_shared<Weights::LazyMap>();
  for (const auto& [name, pinned] : blocks->tensors()) tensors->emplace(name, blocks->copied(pinned));
  return Weights(std::move(tensors), where).quantized(how).fetched_by([blocks](const std::string& block) {
    return blocks->fetch(block);
  });
}

}  // namespace calotype::networks
