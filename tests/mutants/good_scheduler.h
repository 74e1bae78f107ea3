#pragma once
#include <calotype/scheduler.h>

#include <vector>

/// A scheduler without a fault, for mutants to spoil.
namespace {
using namespace calotype;

[[maybe_unused]] constexpr Info kInfo{.id = "mutant", .summary = "A mutant"};

/// For those that do something odd where a setting is missing or has a certain value.
[[maybe_unused]] constexpr Setting kAmount = number("amount", 0, 0, 1, "what this mutant goes wrong by");
[[maybe_unused]] constexpr Info kInfoWithSetting{.id = "mutant", .summary = "A mutant", .settings = {kAmount}};

[[maybe_unused]] std::vector<double> good(int steps, const ModelSigmas& levels) {
  std::vector<double> sigmas;
  for (int i = 0; i <= steps; ++i) sigmas.push_back(steps ? levels.sigma_max() * (steps - i) / steps : 0);
  return sigmas;
}

[[maybe_unused]] std::vector<double> good_schedule(int steps, const ModelSigmas& levels, const Settings&) {
  return good(steps, levels);
}

/// The same behind the contract, for mutants of the function in C.
[[maybe_unused]] int32_t good_in_c(uint32_t steps, const calotype_noise_levels* levels,
                                   const calotype_settings* settings, double* sigmas, calotype_message* message) {
  return scheduler_thunk<good_schedule, kInfo>(steps, levels, settings, sigmas, message);
}
}  // namespace
