#pragma once
#include <calotype/host/models.h>

#include <string>
#include <vector>

#include "models/model_scan.h"

namespace calotype {

/// The model of a name: a path (`as_path`), a Hugging Face id, or the name of a file or folder on the search path. A
/// name that begins with "/", "./", "../" or "~/" can only be a path. Throws Error (no_input) if nothing fits, with
/// what was searched and the nearest names, and (config) if several fit equally, with all of them.
ModelLocation find_model(const std::string& name, const std::string& as_path, const ModelSearchPath& search,
                         const ModelMarks& marks);

/// Gives each model a name that finds it. If two would have the same name: the path relative to the folder of the
/// search path, or the whole path.
void make_names_differ(std::vector<ModelCandidate>& candidates);

}  // namespace calotype
