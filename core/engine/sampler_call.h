#pragma once
#include <ATen/core/Tensor.h>
#include <calotype/abi.h>
#include <calotype/host/entry.h>
#include <calotype/model.h>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "schedule/restart.h"

namespace calotype {

/// What a sampler is given to work with.
struct SamplerInputs {
  std::function<at::Tensor(const at::Tensor& x, double sigma)> denoise;
  std::function<at::Tensor(double sigma, double sigma_next)> noise;
  std::function<Guided(const at::Tensor& x, double sigma)> denoise_guided{};
};

/// Runs a sampler plugin from x (float32) at sigma sigmas[0] down to the last one: clean latents where that is 0,
/// else latents with that noise, whatever the sampler. An exception of `denoise` or `noise` passes through the plugin
/// as a status and leaves here unchanged.
at::Tensor run_sampler(const calotype_sampler& sampler, const EntryInfo& entry,
                       const std::map<std::string, Value>& settings, std::span<const double> sigmas,
                       const at::Tensor& x, const SamplerInputs& inputs);

/// How many model evaluations the sampler makes on these sigmas: it is run with arithmetic left out. 0 where that does
/// not end, or where it depends on the latents.
int count_model_evaluations(const calotype_sampler& sampler, const EntryInfo& entry,
                            const std::map<std::string, Value>& settings, std::span<const double> sigmas);

}  // namespace calotype
