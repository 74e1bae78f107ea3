#pragma once
#include <c10/core/Event.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "networks/components/resnet.h"
#include "networks/components/spatial_transformer.h"

namespace calotype::networks {

/// A resnet and the attention after it, where there is one: what the denoising network is built of.
struct UnetBlock {
  Resnet resnet;
  std::optional<SpatialTransformer> attention;

  /// x [N,in,H,W], time [N,T] -> [N,out,H,W]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& time, const Context& context) const;
};

/// The blocks of a network in the order in which they run, unless some are left out: all there, or streamed, which has
/// two there at a time, the one that computes and the next one on its way.
class UnetBlocks {
 public:
  using Make = std::function<UnetBlock(const Weights&)>;
  UnetBlocks(at::Device device, bool streamed);

  /// The next block of the order, from shapes alone: to check that it fits. It is block `number` of the stage that has
  /// these weights.
  const UnetBlock& add(const Make& make, const Weights& weights, size_t number);
  /// Reads all blocks, unless they are streamed. After the last `add`, before the first `get`.
  void load();
  /// The block of that position. Where they are streamed it lives until the next call, and `next` is fetched.
  const UnetBlock& get(size_t place, size_t next);
  size_t size() const { return sources_.size(); }

 private:
  struct Fetched {
    std::unique_ptr<const UnetBlock> block;
    std::shared_ptr<c10::Event> ready;  ///< on a CUDA device: when its weights are there
  };
  void fetch(size_t place, Fetched used);
  Fetched read(size_t place, Fetched used, std::shared_ptr<c10::Event> unused) const;

  at::Device device_;
  bool streamed_;
  std::optional<c10::Stream> side_;         ///< that weights come on; none on the CPU
  std::vector<UnetBlock> shapes_, blocks_;  // blocks_: none where they are streamed
  std::vector<std::function<UnetBlock()>> sources_;
  size_t current_place_ = 0, next_place_ = 0;
  Fetched current_;
  std::future<Fetched> next_;  // its destructor waits for what is on its way
};

}  // namespace calotype::networks
