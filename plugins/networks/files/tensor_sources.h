#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "networks/files/safetensors.h"

namespace calotype::networks {

/// Where the values of one tensor of a network lie: a stored tensor, or a part of one.
struct TensorSource {
  std::string dtype;
  std::vector<int64_t> shape;           ///< of `data`
  std::span<const std::byte> data;      ///< valid while the SafetensorsFile lives
  bool transposed = false;              ///< the network's tensor is the transpose of the stored matrix
  std::optional<StoredTensor> scale{};  ///< what the values are to be multiplied by: one number, or one for each row
  std::string name{};                   ///< in the file
};

using TensorSources = std::map<std::string, TensorSource>;

/// All tensors of a file under the names that it gives them. A scale of a weight in 8 bits ("x.scale_weight" or
/// "x.weight_scale" beside "x.weight") is that weight's; it and what else only tells of such weights (scaled_fp8,
/// x.scale_input, x.comfy_quant) is left out. Throws Error (bad_data) for a scale of another size.
TensorSources stored_sources(const SafetensorsFile& file);

}  // namespace calotype::networks
