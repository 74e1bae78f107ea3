#include "networks/components/unet_blocks.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/ParallelGuard.h>

#include "networks/ops/parallel.h"
#include "networks/ops/trim_heap.h"

namespace calotype::networks {

at::Tensor UnetBlock::operator()(const at::Tensor& x, const at::Tensor& time, const Context& context) const {
  const at::Tensor h = resnet(x, time);
  return attention ? (*attention)(h, context) : h;
}

UnetBlocks::UnetBlocks(at::Device device, bool streamed) : device_(device), streamed_(streamed) {
  // one for all: memory that was let go on a stream serves only that one again
  if (streamed && device.is_cuda()) side_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

const UnetBlock& UnetBlocks::add(const Make& make, const Weights& weights, size_t number) {
  shapes_.push_back(make(weights.shapes()));
  sources_.push_back([=] { return make(weights.block(number)); });
  return shapes_.back();
}

void UnetBlocks::load() {
  if (streamed_) return;
  blocks_ = made_in_parallel<UnetBlock>(size(), [this](size_t i) { return sources_[i](); });
  sources_ = std::vector<std::function<UnetBlock()>>(size());  // lets go of the files
}

const UnetBlock& UnetBlocks::get(size_t place, size_t next) {
  if (!streamed_) return blocks_[place];
  if (current_.block && current_place_ == place) return *current_.block;
  if (!next_.valid() || next_place_ != place) fetch(place, {});
  Fetched fetched = next_.get();
  fetch(next, std::move(current_));
  current_ = std::move(fetched);
  current_place_ = place;
  if (current_.ready) current_.ready->block(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  return *current_.block;
}

void UnetBlocks::fetch(size_t place, Fetched used) {
  if (next_.valid()) next_.wait();
  std::shared_ptr<c10::Event> unused;
  if (side_) {
    unused = std::make_shared<c10::Event>(device_.type());
    unused->record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  }
  next_place_ = place;
  next_ = std::async(std::launch::async, [this, place, inference = c10::InferenceMode::is_enabled(), unused,
                                          used = std::make_shared<Fetched>(std::move(used))] {
    const c10::InferenceMode mode(inference);
    const at::NoGradGuard no_grad;
    // one thread of its own: the others are computing
    const c10::ParallelGuard alone(true);
    return read(place, std::move(*used), unused);
  });
}

UnetBlocks::Fetched UnetBlocks::read(size_t place, Fetched used, std::shared_ptr<c10::Event> unused) const {
  if (!side_) {
    used = {};
    trim_heap(device_);
    return {std::make_unique<const UnetBlock>(sources_[place]()), nullptr};
  }
  const c10::StreamGuard guard(*side_);
  // what was let go may be overwritten only when it was computed with
  unused->block(*side_);
  used = {};
  auto block = std::make_unique<const UnetBlock>(sources_[place]());
  auto ready = std::make_shared<c10::Event>(device_.type());
  ready->record(*side_);
  return {std::move(block), std::move(ready)};
}

}  // namespace calotype::networks
