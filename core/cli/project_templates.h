#pragma once
#include <map>
#include <string_view>

namespace calotype::cli {

/// The files of sdk/templates by name, as they were when this was built.
const std::map<std::string_view, std::string_view>& project_templates();

}  // namespace calotype::cli
