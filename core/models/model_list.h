#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/model_info.h>
#include <calotype/host/models.h>
#include <calotype/host/resolved_config.h>

#include <functional>
#include <vector>

namespace calotype {

/// Reads a model's headers through its loader. Called on several threads at once, but first on one thread for each
/// loader.
using DescribeModel = std::function<ModelInfo(const std::string& path, const Choice& loader)>;

/// Everything on the search path: models by name, then refused files by path. A file that cannot be described is
/// refused with the reason. Throws no errors of its own.
std::vector<ListedModel> list_models(ModelSearchPath search, const Catalog& catalog, const DescribeModel& describe);

}  // namespace calotype
