#pragma once
#include <string>

#include "layouts/component_overrides.h"
#include "layouts/model_layout.h"

namespace calotype::sdxl {

/// Reads a checkpoint under the original names; configs from its metadata where it carries them, else SDXL's. What it
/// lacks must be among `overrides`: with the VAE and the text encoders there, it may be a UNet alone. Throws Error
/// (no_input, bad_data); a file that is something else is refused by what it is.
ModelLayout find_single_file(const std::string& path, const ComponentOverrides& overrides = {});

}  // namespace calotype::sdxl
