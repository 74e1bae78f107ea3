#pragma once
#include <calotype/model_loader.h>

#include "layouts/model_layout.h"

namespace calotype::sdxl {

/// What ModelLoader::describe tells.
ModelDescription describe(const ModelLayout& model);

}  // namespace calotype::sdxl
