#pragma once
#include <string>

#include "layouts/found_model.h"
#include "layouts/other_parts.h"

namespace calotype::sdxl {

/// Reads a checkpoint under the original names; configs from its metadata where it carries them, else SDXL's. What it
/// lacks must be among `others`: with the VAE and the text encoders there, it may be a UNet alone. Throws Error
/// (no_input, bad_data); a file that is something else is refused by what it is.
FoundModel find_single_file(const std::string& path, const OtherParts& others = {});

}  // namespace calotype::sdxl
