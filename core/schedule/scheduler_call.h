#pragma once
#include <calotype/abi.h>
#include <calotype/host/resolved_config.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "loading/abi_settings.h"

namespace calotype {

/// Calls a scheduler and checks the contract: steps+1 numbers, finite, strictly falling, the last one 0. Throws Error
/// (config) with the scheduler's message, or (internal) if it broke the contract.
std::vector<double> run_scheduler(const calotype_scheduler& scheduler, const EntryInfo& entry,
                                  const std::map<std::string, Value>& settings, int steps,
                                  std::span<const double> training_sigmas);

}  // namespace calotype
