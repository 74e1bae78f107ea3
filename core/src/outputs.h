#pragma once
#include <calotype/host/host.h>

#include <string>

namespace calotype {

/// The path of a picture. `alone`: the picture as a run of its own.
std::string output_path(const ResolvedConfig& config, const std::string& path_template, const Request& alone, int index);
/// The path of the file with all latents.
std::string latents_path(const ResolvedConfig& config);

}  // namespace calotype
