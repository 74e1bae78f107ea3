// What a sampler costs outside the model: prints {"euler": microseconds a step, ...}. 30 steps on 1x4x128x128 in
// float32, one thread, the median of several passes, noise included; the model is a tensor that is there already.
// Samplers that add noise stand there twice: "dpmpp_2m_sde" with noise: torch, "dpmpp_2m_sde, brownian" with noise:
// brownian.
//
//   bench_samplers [PASSES]
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/install_folder.h"
#include "device/cpu_block_allocator.h"
#include "engine/sampler_call.h"
#include "loading/library.h"
#include "noise/noise_source.h"
#include "registry/discovery.h"
#include "schedule/scheduler_call.h"

int main(int count, char** words) {
  using namespace calotype;
  const int passes = count > 1 ? std::atoi(words[1]) : 50;
  const c10::InferenceMode inference;
  at::set_num_threads(1);
  use_block_memory();
  const Catalog catalog = discover({own_plugin_folder()});
  Libraries libraries;
  const EntryInfo& karras = catalog.get(Kind::scheduler, "karras");
  const auto sigmas = run_scheduler(*static_cast<const calotype_scheduler*>(libraries.implementation(karras)), karras,
                                    {}, 30, scaled_linear_sigmas({0.00085, 0.012, 1000}));
  const at::Tensor x = NoiseSource(NoiseKind::torch, 0, 0).sample({1, 4, 128, 128}).mul(sigmas.front()),
                   denoised = x.mul(0.1);
  std::string out;
  for (const std::string name : {"euler", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_2m_sde, brownian", "dpmpp_3m_sde",
                                 "dpmpp_3m_sde, brownian", "uni_pc", "uni_pc@diffusers", "lms@diffusers"}) {
    const EntryInfo& entry = catalog.get(Kind::sampler, name.substr(0, name.find(',')));
    const auto& sampler = *static_cast<const calotype_sampler*>(libraries.implementation(entry));
    std::vector<double> times;
    for (int pass = 0; pass < passes; ++pass) {
      const auto start = std::chrono::steady_clock::now();
      NoiseSource source(name.ends_with("brownian") ? NoiseKind::brownian : NoiseKind::torch, uint64_t(pass),
                         uint64_t(pass));
      run_sampler(sampler, entry, {}, sigmas, x,
                  {[&](const at::Tensor&, double) { return denoised; },
                   [&](double sigma, double sigma_next) { return source.between(sigma, sigma_next, x.sizes()); }});
      times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() /
                      double(sigmas.size() - 1));
    }
    std::nth_element(times.begin(), times.begin() + passes / 2, times.end());
    out += (out.empty() ? "{\"" : ", \"") + name + "\": " + std::to_string(times[size_t(passes / 2)]);
  }
  std::printf("%s}\n", out.c_str());
}
