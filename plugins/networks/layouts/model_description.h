#pragma once
#include <calotype/model_loader.h>

#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// What OpenedModel::description tells, `family` and `usage` being those of the description.
ModelDescription describe(const ModelLayout& model, const std::string& family, const std::string& usage);

}  // namespace calotype::networks
