#pragma once
#include <string_view>

#include "networks/files/safetensors.h"

namespace calotype::networks {

/// Throws Error (bad_data) `file: want ..., got a LoRA, ...` where the tensors' names tell that a file is something
/// else than a checkpoint of `family` ("sdxl", "sd"; empty: than one of any), or one network alone, unless that is
/// allowed.
void refuse_foreign(const SafetensorsFile& file, std::string_view family, const char* wanted,
                    bool lone_networks_allowed);

}  // namespace calotype::networks
