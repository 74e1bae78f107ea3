#pragma once
#include "layouts/found_model.h"

namespace calotype::sdxl {

/// Whether the model's networks are as they are declared: every tensor there, of its shape, and none besides. Throws
/// Error (bad_data) `FILE: unet: tensor "NAME", found [4,64], wanted [64,64]` under the tensor's name in its file.
void check_networks(const FoundModel& model);

}  // namespace calotype::sdxl
