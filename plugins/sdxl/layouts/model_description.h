#pragma once
#include <calotype/model_loader.h>

#include <string>

#include "layouts/model_layout.h"

namespace calotype::sdxl {

/// A component by the headers of its tensors.
Component component_of(const std::string& name, const TensorSources& sources);

/// What OpenedModel::description tells.
ModelDescription describe(const ModelLayout& model);

}  // namespace calotype::sdxl
