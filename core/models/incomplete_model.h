#pragma once
#include <calotype/host/model_info.h>

#include <optional>
#include <string>

namespace calotype {

/// The components that exist of an incomplete model, from its headers: for a folder by its model_index.json, for a file
/// by the names of SDXL's original checkpoints. Nothing if no component is missing or that cannot be decided; then the
/// loader's error explains the problem.
std::optional<ModelInfo> describe_incomplete(const std::string& path, const std::string& loader);

}  // namespace calotype
