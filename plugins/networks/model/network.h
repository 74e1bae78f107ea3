#pragma once
#include "networks/files/model_config.h"
#include "networks/ops/weights.h"

namespace calotype::networks {

/// One network: its tensors, and what they cannot tell (ModelConfig(where) where no config came with them: the
/// family's defaults).
struct Network {
  Weights weights;
  ModelConfig config;
};

}  // namespace calotype::networks
