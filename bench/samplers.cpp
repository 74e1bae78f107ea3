// What a sampler costs outside the model: prints {"euler": microseconds a step, ...}. 30 steps on 1x4x128x128 in float32, one
// thread, the median of several walks; the model is a tensor that is there already.
//
//   bench_samplers [WALKS]
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "block_memory.h"
#include "discovery.h"
#include "library.h"
#include "sampling.h"
#include "schedule.h"
#include "torch_noise.h"

int main(int count, char** words) {
  using namespace calotype;
  const int walks = count > 1 ? std::atoi(words[1]) : 50;
  const c10::InferenceMode inference;
  at::set_num_threads(1);
  use_block_memory();
  const Catalog catalog = discover({own_plugin_folder()});
  Libraries libraries;
  const EntryInfo& karras = catalog.get(Kind::scheduler, "karras");
  const auto sigmas = run_scheduler(*static_cast<const calotype_scheduler*>(libraries.implementation(karras)), karras, {}, 30, sdxl_noise_levels());
  at::Generator generator = at::detail::createCPUGenerator(0);
  const at::Tensor x = torch_noise({1, 4, 128, 128}, generator).mul(sigmas.front()), denoised = x.mul(0.1);
  const SamplerInputs inputs{[&](const at::Tensor&, double) { return denoised; },
                             [&](double, double) { return torch_noise(x.sizes(), generator); }};
  std::string out;
  for (const char* id : {"euler", "dpmpp_2m", "dpmpp_2m_sde", "uni_pc@diffusers", "lms@diffusers"}) {
    const EntryInfo& entry = catalog.get(Kind::sampler, id);
    const auto& sampler = *static_cast<const calotype_sampler*>(libraries.implementation(entry));
    std::vector<double> times;
    for (int walk = 0; walk < walks; ++walk) {
      const auto start = std::chrono::steady_clock::now();
      run_sampler(sampler, entry, {}, sigmas, x, inputs);
      times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / double(sigmas.size() - 1));
    }
    std::nth_element(times.begin(), times.begin() + walks / 2, times.end());
    out += (out.empty() ? "{\"" : ", \"") + std::string(id) + "\": " + std::to_string(times[size_t(walks / 2)]);
  }
  std::printf("%s}\n", out.c_str());
}
