#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/sampler_call.h"
#include "schedule/restart.h"

namespace calotype {

/// Runs the sampler over one interval of a pass after another, as restart sampling has them: Xu et al. 2023, algorithm
/// 1, arXiv:2306.14878. `renoise` samples the unit noise that takes x up to the next interval's first sigma.
at::Tensor run_pass_intervals(const calotype_sampler& sampler, const EntryInfo& entry,
                              const std::map<std::string, Value>& settings,
                              const std::vector<PassInterval>& pass_intervals, const at::Tensor& x,
                              const SamplerInputs& inputs, const std::function<at::Tensor()>& renoise);

}  // namespace calotype
