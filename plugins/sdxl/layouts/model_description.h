#pragma once
#include <calotype/model_loader.h>

#include "layouts/found_model.h"

namespace calotype::sdxl {

/// What ModelLoader::describe tells.
ModelDescription describe(const FoundModel& model);

}  // namespace calotype::sdxl
