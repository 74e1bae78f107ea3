#pragma once
#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// Whether the model's networks are as they are declared: every tensor there, of its shape, and none besides. Throws
/// Error (bad_data) `FILE: unet: tensor "NAME": want [64,64], got [4,64]` under the tensor's name in its file.
void check_networks(const ModelLayout& model);

}  // namespace calotype::networks
