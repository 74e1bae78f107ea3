#pragma once
#include <string>

#include "networks/layouts/component_overrides.h"
#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// Reads a folder that diffusers wrote. `variant`: "auto" takes fp16 where nothing else is there, "none", "fp16". What
/// is among `overrides` need not be there. Throws Error (no_input, bad_data) naming the file, what was found and what
/// was wanted.
ModelLayout read_diffusers_folder(const std::string& path, const std::string& variant, const Family& family,
                                  const ComponentOverrides& overrides);

}  // namespace calotype::networks
