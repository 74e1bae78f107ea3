#pragma once
#include <calotype/model_loader.h>

#include "layouts/model_layout.h"

namespace calotype::sdxl {

/// What OpenedModel::description tells.
ModelDescription describe(const ModelLayout& model);

}  // namespace calotype::sdxl
