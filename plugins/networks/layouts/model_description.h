#pragma once
#include <calotype/model_loader.h>

#include <string>

#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// A component by the headers of its tensors.
Component component_of(const std::string& name, const TensorSources& sources);

/// What OpenedModel::description tells, `family` and `usage` being those of the description.
ModelDescription describe(const ModelLayout& model, const std::string& family, const std::string& usage);

}  // namespace calotype::networks
