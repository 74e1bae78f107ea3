#pragma once
#include <string>

#include "files/safetensors.h"

namespace calotype::sdxl {

/// Throws Error (bad_data) `file: found a LoRA, ..., wanted ...` where the tensors' names tell that a file is something
/// else than SDXL's networks, or one of them alone, unless that is allowed.
void refuse_foreign(const SafetensorsFile& file, const char* wanted, bool parts_allowed);

/// Refuses .ckpt, .pt, .pth and .bin: these are Python programs in disguise. Throws Error (bad_data) that tells how to
/// convert.
void refuse_pickle(const std::string& path);

}  // namespace calotype::sdxl
