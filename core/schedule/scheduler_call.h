#pragma once
#include <calotype/abi.h>
#include <calotype/host/resolved_config.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "loading/abi_settings.h"

namespace calotype {

/// Sigma of SDXL's 1,000 training timesteps, rising.
std::vector<double> sdxl_noise_levels();

/// Asks a scheduler, and holds it to the contract: steps+1 numbers, finite, falling strictly, the last 0.
/// Throws Error (config) with the scheduler's own words, or (internal) where it broke the contract.
std::vector<double> run_scheduler(const calotype_scheduler& scheduler, const EntryInfo& entry,
                                  const std::map<std::string, Value>& settings, int steps,
                                  std::span<const double> training_sigmas);

}  // namespace calotype
