#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/model_info.h>
#include <calotype/host/models.h>
#include <calotype/host/resolved_config.h>

#include <functional>
#include <vector>

namespace calotype {

/// Reads a model's headers through its loader. Called on several threads at once, but first for each loader on one
/// alone.
using DescribeModel = std::function<ModelInfo(const std::string& path, const Choice& loader)>;

/// All that is in the places, models by name, then what was refused by path. What cannot be described is refused with
/// the reason. Throws nothing of its own.
std::vector<ListedModel> list_models(ModelSearchPath places, const Catalog& catalog, const DescribeModel& describe);

}  // namespace calotype
