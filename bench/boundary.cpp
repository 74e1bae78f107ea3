// What the contract in C costs a sampler: Euler as the plugin that comes with Calotype, through its table and the
// host's, beside the same steps written here with the host's arithmetic called directly. Passes in turn, one thread;
// prints the middle nanoseconds a step of both and of their paired difference, for latents so small that nothing else
// counts, and for those of SDXL.
//
//   bench_boundary [PASSES]
#include <ATen/Parallel.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/install_folder.h"
#include "device/cpu_block_allocator.h"
#include "engine/combine.h"
#include "engine/sampler_call.h"
#include "loading/library.h"
#include "registry/discovery.h"
#include "schedule/scheduler_call.h"

namespace {
using namespace calotype;

at::Tensor direct_euler(const std::vector<double>& sigmas, const at::Tensor& start, const SamplerInputs& inputs) {
  at::Tensor x = start.clone();
  for (size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const at::Tensor denoised = inputs.denoise(x, sigmas[i]);
    const double kept = sigmas[i + 1] / sigmas[i], coefficients[] = {kept, 1 - kept};
    const at::Tensor* terms[] = {&x, &denoised};
    combine(coefficients, terms, x);
  }
  return x;
}

template <class Body>
double nanoseconds(size_t steps, Body&& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / double(steps);
}

double middle(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int count, char** words) {
  const int passes = std::max(count > 1 ? std::atoi(words[1]) : 400, 1);
  const c10::InferenceMode inference;
  at::set_num_threads(1);
  use_block_memory();
  const Catalog catalog = discover({own_plugin_folder()});
  Libraries libraries;
  const EntryInfo &karras = catalog.get(Kind::scheduler, "karras"), &euler = catalog.get(Kind::sampler, "euler");
  const auto& sampler = *static_cast<const calotype_sampler*>(libraries.implementation(euler));
  const size_t steps = 1000;
  const auto sigmas = run_scheduler(*static_cast<const calotype_scheduler*>(libraries.implementation(karras)), karras,
                                    {}, int(steps), scaled_linear_sigmas({0.00085, 0.012, 1000}));
  for (const int64_t side : {8, 128}) {
    const at::Tensor x = at::randn({1, 4, side, side}).mul(sigmas.front()), denoised = x.mul(0.1);
    const SamplerInputs inputs{[&](const at::Tensor&, double) { return denoised; }, {}};
    std::vector<double> table, direct, difference;
    for (int i = 0; i < (side == 8 ? passes : passes / 10 + 1); ++i) {
      const double with = nanoseconds(steps, [&] { run_sampler(sampler, euler, {}, sigmas, x, inputs); });
      const double without = nanoseconds(steps, [&] { direct_euler(sigmas, x, inputs); });
      table.push_back(with), direct.push_back(without), difference.push_back(with - without);
    }
    std::printf("{\"latents\": \"1x4x%dx%d\", \"table_ns\": %.0f, \"direct_ns\": %.0f, \"difference_ns\": %.0f}\n",
                int(side), int(side), middle(table), middle(direct), middle(difference));
  }
}
