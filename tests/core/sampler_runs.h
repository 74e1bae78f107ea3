#pragma once
#include <ATen/ops/empty.h>
#include <doctest/doctest.h>

#include <functional>

#include "base/install_folder.h"
#include "engine/run_restarts.h"
#include "engine/sampler_call.h"
#include "loading/library.h"
#include "registry/choice.h"
#include "registry/discovery.h"
#include "samplers/exact_denoisers.h"
#include "schedule/restart.h"

/// The host's runs over pass_intervals, with a denoiser in closed form.
namespace sampler_runs {
using namespace calotype;

inline const Catalog& catalog() {
  static const Catalog found = discover({own_plugin_folder()});
  return found;
}

inline at::Tensor tensor(const std::vector<double>& values) {
  at::Tensor out = at::empty({1, 1, 1, int64_t(values.size())}, at::kFloat);
  std::copy(values.begin(), values.end(), out.mutable_data_ptr<float>());
  return out;
}
inline std::vector<double> values(const at::Tensor& x) {
  return {x.const_data_ptr<float>(), x.const_data_ptr<float>() + x.numel()};
}

/// Each call has numbers of its own, the same in every run.
class Sine {
 public:
  explicit Sine(size_t count) : count_(count) {}
  at::Tensor operator()() {
    std::vector<double> out;
    for (size_t j = 0; j < count_; ++j) out.push_back(1.4 * std::sin(12.9898 * calls_ + 78.233 * double(j) + 1));
    ++calls_;
    return tensor(out);
  }

 private:
  size_t count_;
  int calls_ = 0;
};

struct SamplerRun {
  std::vector<double> y;
  int model_evaluations, counted, ways_back;
};

using SampleNoise = std::function<at::Tensor()>;

/// What a sampler makes of x and a denoiser with a closed form, in float32; noise from `sample`, or of sines.
inline SamplerRun pass(const std::string& id, const std::vector<double>& sigmas, const Restart& restart,
                       const std::vector<double>& x, double (*denoiser)(double, double),
                       const SampleNoise& sample = {}) {
  static Libraries libraries;
  const EntryInfo& entry = catalog().get(Kind::sampler, id);
  const auto& sampler = *static_cast<const calotype_sampler*>(libraries.implementation(entry));
  const auto settings = choose(catalog(), Kind::sampler, id, "").settings;
  const SampleNoise noise = sample ? sample : Sine(x.size()), renoise = sample ? sample : Sine(x.size());
  SamplerRun out{};
  const auto denoise = [&](const at::Tensor& latents, double sigma) {
    ++out.model_evaluations;
    std::vector<double> all = values(latents);
    for (double& v : all) v = denoiser(v, sigma);
    return tensor(all);
  };
  const SamplerInputs inputs{denoise, [&](double, double) { return noise(); },
                             [&](const at::Tensor& latents, double sigma) {
                               const at::Tensor both = denoise(latents, sigma);
                               return Guided{both, both};
                             }};
  const auto all = pass_intervals(sigmas, restart);
  for (const PassInterval& interval : all)
    out.counted += count_model_evaluations(sampler, entry, settings, interval.sigmas);
  out.y = values(
      run_pass_intervals(sampler, entry, settings, all, tensor(x), inputs, [&] { return ++out.ways_back, renoise(); }));
  return out;
}

}  // namespace sampler_runs
