#include "engine/run_restarts.h"

#include <ATen/TensorOperators.h>

#include <cmath>

namespace calotype {

at::Tensor run_pass_intervals(const calotype_sampler& sampler, const EntryInfo& entry,
                              const std::map<std::string, Value>& settings,
                              const std::vector<PassInterval>& pass_intervals, const at::Tensor& x,
                              const SamplerInputs& inputs, const std::function<at::Tensor()>& renoise) {
  at::Tensor latents = x;
  for (const PassInterval& interval : pass_intervals) {
    if (interval.from)
      latents = latents.add(
          renoise(), std::sqrt(interval.sigmas.front() * interval.sigmas.front() - *interval.from * *interval.from));
    latents = run_sampler(sampler, entry, settings, interval.sigmas, latents, inputs);
  }
  return latents;
}

}  // namespace calotype
