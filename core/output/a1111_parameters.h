#pragma once
#include <calotype/host/resolved_config.h>

#include <string>

#include "models/model_sums.h"

namespace calotype {

/// The text for the PNG keyword `parameters`, in the form that A1111 and similar programs read: with its names, in its
/// order. `config` has width and height filled in.
std::string a1111_parameters(const ResolvedConfig& config, uint64_t seed, const ShortSums& sums);

}  // namespace calotype
