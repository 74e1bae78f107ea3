#pragma once
#include "files/model_config.h"
#include "ops/weights.h"

namespace calotype::sdxl {

/// One network: its tensors, and what they cannot tell (ModelConfig(where) where no config came with them: SDXL's
/// defaults).
struct Network {
  Weights weights;
  ModelConfig config;
};

}  // namespace calotype::sdxl
