#pragma once
#include <calotype/model_loader.h>

#include <map>
#include <string>
#include <vector>

#include "networks/files/tensor_sources.h"

namespace calotype::networks {

/// Where a tensor lies among those of its block: in numbers, not bytes.
struct TensorPlace {
  std::vector<int64_t> shape, strides;
  int64_t begin = 0;  ///< in the block
  bool is_apart =
      false;  ///< whether it comes by itself: what a layer is made of that keeps it in fewer bits, and then lets it go
};

/// The tensors of one block side by side, as one copy brings them to a GPU, but for those that come apart: each begins
/// at a multiple of 256 bytes, convolutions have the layout that the GPU reads, and the queries', keys' and values'
/// weights of an attention follow each other.
struct BlockLayout {
  std::map<std::string, TensorPlace> tensors;
  int64_t begin = 0;     ///< among all blocks, which follow each other
  int64_t together = 0;  ///< numbers of what comes by one copy
  int64_t apart = 0;     ///< numbers of the rest, which lies after it
  int64_t end() const { return begin + together + apart; }
};

using BlockLayouts = std::map<std::string, BlockLayout>;

/// The block of the denoising network that a tensor is of, as "up_blocks.0.2" for the third resnet there and the
/// attention after it, or "" for none.
std::string block_of(const std::string& name);

/// The layouts of all blocks by their names, and under "" of what is in none.
BlockLayouts block_layouts(const TensorSources& sources, at::ScalarType dtype, Quantization how);

}  // namespace calotype::networks
