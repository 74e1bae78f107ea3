#pragma once
#include <string>

#include "layouts/found_model.h"
#include "layouts/other_parts.h"

namespace calotype::sdxl {

/// Reads a folder that diffusers wrote. `variant`: "auto" takes fp16 where nothing else is there, "none", "fp16". What
/// is among `others` need not be there. Throws Error (no_input, bad_data) naming the file, what was found and what was
/// wanted.
FoundModel find_diffusers_folder(const std::string& path, const std::string& variant, const OtherParts& others = {});

}  // namespace calotype::sdxl
