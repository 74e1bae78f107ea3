#pragma once
#include <ATen/ops/empty.h>
#include <doctest/doctest.h>

#include <functional>

#include "base/install_folder.h"
#include "engine/sampler_call.h"
#include "loading/library.h"
#include "registry/choice.h"
#include "registry/discovery.h"
#include "samplers/exact_denoisers.h"
#include "schedule/restart.h"

/// The host's walks over restart_intervals, with a denoiser in closed form.
namespace walked {
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

/// Each draw has numbers of its own, the same in every run.
class Sine {
 public:
  explicit Sine(size_t count) : count_(count) {}
  at::Tensor operator()() {
    std::vector<double> out;
    for (size_t j = 0; j < count_; ++j) out.push_back(1.4 * std::sin(12.9898 * draws_ + 78.233 * double(j) + 1));
    ++draws_;
    return tensor(out);
  }

 private:
  size_t count_;
  int draws_ = 0;
};

struct Walked {
  std::vector<double> y;
  int model_evaluations, counted, ways_back;
};

using Draw = std::function<at::Tensor()>;

/// What a sampler makes of x and a denoiser with a closed form, in float32; noise from `draw`, or of sines.
inline Walked pass(const std::string& id, const std::vector<double>& sigmas, const Restart& restart,
                   const std::vector<double>& x, double (*denoiser)(double, double), const Draw& draw = {}) {
  static Libraries libraries;
  const EntryInfo& entry = catalog().get(Kind::sampler, id);
  const auto& sampler = *static_cast<const calotype_sampler*>(libraries.implementation(entry));
  const auto settings = choose(catalog(), Kind::sampler, id, "").settings;
  const Draw noise = draw ? draw : Sine(x.size()), anew = draw ? draw : Sine(x.size());
  Walked out{};
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
  const auto all = restart_intervals(sigmas, restart);
  for (const RestartInterval& interval : all)
    out.counted += count_model_evaluations(sampler, entry, settings, interval.sigmas);
  out.y = values(
      run_restart_intervals(sampler, entry, settings, all, tensor(x), inputs, [&] { return ++out.ways_back, anew(); }));
  return out;
}

}  // namespace walked
