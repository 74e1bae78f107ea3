#pragma once
#include <string>

#include "networks/layouts/component_overrides.h"
#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// Reads one file under the original checkpoint's names, or a UNet alone for which VAE and text encoder are among
/// `overrides`. Throws Error (no_input, bad_data) naming the file, what was found and what was wanted.
ModelLayout read_single_file(const std::string& path, const Family& family, const ComponentOverrides& overrides);

}  // namespace calotype::networks
