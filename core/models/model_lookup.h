#pragma once
#include <calotype/host/models.h>

#include <string>
#include <vector>

#include "models/model_scan.h"

namespace calotype {

/// The model that a name means: a path, which is `as_path`, a Hugging Face id, or the name of a file or folder in the
/// places. A name that begins with "/", "./", "../" or "~/" can only be a path. Throws Error (no_input) where nothing
/// fits, with what was searched and the nearest names, and (config) where several fit equally, with all of them.
ModelLocation find_model(const std::string& name, const std::string& as_path, const ModelSearchPath& places,
                         const ModelMarks& marks);

/// Gives each a name that finds it: where two have one, what it is relative to its place, or its path.
void make_names_differ(std::vector<ModelCandidate>& candidates);

}  // namespace calotype
