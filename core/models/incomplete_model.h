#pragma once
#include <calotype/host/model_info.h>

#include <optional>
#include <string>

namespace calotype {

/// The components that exist of a folder with a model_index.json, from their headers. Nothing if no component is
/// missing or that cannot be decided; then the loader's error explains the problem.
std::optional<ModelInfo> describe_incomplete_folder(const std::string& path, const std::string& loader);

}  // namespace calotype
