#pragma once
#include <calotype/model_loader.h>

#include <optional>
#include <string>

namespace calotype::sdxl {

/// The components that exist of an SDXL checkpoint in one file, and those that are missing. Nothing if none is missing,
/// or if the file is no SDXL checkpoint. Throws Error (no_input, bad_data) for a file that cannot be read.
std::optional<ModelDescription> describe_incomplete(const std::string& path);

}  // namespace calotype::sdxl
