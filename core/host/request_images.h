#pragma once
#include <calotype/host/resolved_config.h>

namespace calotype {

/// Reads the images that a config names, where the request has no pixels yet, and fills in width and height where
/// they are not given: those of the image, rounded down to multiples of 8, or what the model was trained on. Throws
/// Error (no_input, io, bad_data, config).
void complete_request(ResolvedConfig& config, int model_width, int model_height);

}  // namespace calotype
