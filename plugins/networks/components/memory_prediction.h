#pragma once
#include <calotype/model_loader.h>

#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// What OpenedModel::memory_need tells; docs/memory.md says how. `copied`: bytes of files that are read whole, in which
/// the weights lie that would stay in the files; 0 where they stay there.
MemoryNeed memory_need(const ModelLayout& model, const LoadOptions& options, const Request& request,
                       const DenoiserUse& use, uint64_t copied);

}  // namespace calotype::networks
