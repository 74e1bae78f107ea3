#pragma once
#include <calotype/model_loader.h>

#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// What OpenedModel::memory_need tells; docs/memory.md says how.
MemoryNeed memory_need(const ModelLayout& model, const LoadOptions& options, const Request& request,
                       const DenoiserUse& use);

}  // namespace calotype::networks
