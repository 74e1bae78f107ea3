#pragma once
#include <string>

#include "files/safetensors.h"

namespace calotype::sdxl {

/// Throws Error (bad_data) `file: want ..., got a LoRA, ...` where the tensors' names tell that a file is something
/// else than SDXL's networks, or one of them alone, unless that is allowed.
void refuse_foreign(const SafetensorsFile& file, const char* wanted, bool parts_allowed);

}  // namespace calotype::sdxl
