#pragma once
#include <calotype/host/model_info.h>

#include <optional>
#include <string>

namespace calotype {

/// What there is of a model of which parts are missing, from its headers: a folder by its model_index.json, a file
/// under the names of SDXL's original checkpoints. Nothing where no part is missing, or it cannot be told: the loader's
/// error then says what is wrong.
std::optional<ModelInfo> describe_incomplete(const std::string& path, const std::string& loader);

}  // namespace calotype
