#pragma once
#include <calotype/host/resolved_config.h>

#include <string>

#include "models/model_sums.h"

namespace calotype {

/// The text under the PNG keyword `parameters`, in the form that A1111 writes and its friends read: its names, in its
/// order, each where it writes it. `config` has its width and height filled in.
std::string a1111_parameters(const ResolvedConfig& config, uint64_t seed, const ShortSums& sums);

}  // namespace calotype
