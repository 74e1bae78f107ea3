#pragma once
#include <cstdint>

namespace calotype::networks {

class ModelConfig;

/// The numbers of size and crop that a UNet reads beside the pooled text: SDXL's six, or its refiner's five.
struct SizeNumbers {
  int64_t count;  ///< 6 or 5; 0: the inputs fit neither
  int64_t width;  ///< of the sinusoids of each
};

/// By the inputs of add_embedding and how many of them the pooled text takes. The width is the config's
/// addition_time_embed_dim; without one it follows from the inputs, where the refiner's is the published 256. Throws
/// Error (bad_data) where the config's is none.
SizeNumbers size_numbers(int64_t inputs, int64_t pooled, const ModelConfig& config);

}  // namespace calotype::networks
