// What memory samplers take and write in as they run.
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/Allocator.h>
#include <c10/core/InferenceMode.h>
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "base/install_folder.h"
#include "engine/sampler_call.h"
#include "loading/library.h"
#include "noise/noise_source.h"
#include "registry/discovery.h"

namespace {
int asked_of_heap = 0;
}

// noinline: seen through, they look to the compiler as if they did not belong together
[[gnu::noinline]] void* operator new(size_t size) {
  ++asked_of_heap;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++asked_of_heap;
  return std::malloc(size ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace {
using namespace calotype;

/// ATen's memory for tensors, counted while this lives.
class CountedTensors final : public c10::Allocator {
 public:
  CountedTensors() : inner_(*c10::GetAllocator(c10::kCPU)) { c10::SetAllocator(c10::kCPU, this, 100); }
  at::DataPtr allocate(size_t size) override {
    ++count;
    return inner_.allocate(size);
  }
  at::DeleterFnPtr raw_deleter() const override { return inner_.raw_deleter(); }
  void copy_data(void* to, const void* from, size_t size) const override { inner_.copy_data(to, from, size); }
  int count = 0;

 private:
  c10::Allocator& inner_;
};

/// How often memory was asked for.
struct Asked {
  int tensors, heap;
  bool operator==(const Asked&) const = default;
};
doctest::String toString(const Asked& asked) {
  return ("tensors " + std::to_string(asked.tensors) + ", heap " + std::to_string(asked.heap)).c_str();
}

/// Passes `steps` with a denoiser that has its answer.
Asked pass(const calotype_sampler& sampler, const EntryInfo& entry, int steps, NoiseKind noise) {
  static auto& tensors = *new CountedTensors;  // never ends: ATen keeps it
  std::vector<double> sigmas;
  for (int i = 0; i < steps; ++i) sigmas.push_back(14.6 * std::pow(0.03 / 14.6, double(i) / (steps - 1)));
  sigmas.push_back(0);
  const at::Tensor x = at::zeros({1, 4, 16, 16}), denoised = at::zeros(x.sizes());
  NoiseSource source(noise, 0, 0);
  const SamplerInputs inputs{[&](const at::Tensor&, double) { return denoised; },
                             [&](double sigma, double next) { return source.between(sigma, next, x.sizes()); },
                             [&](const at::Tensor&, double) { return Guided{denoised, denoised}; }};
  const Asked before{tensors.count, asked_of_heap};
  run_sampler(sampler, entry, {}, sigmas, x, inputs);
  return {tensors.count - before.tensors, asked_of_heap - before.heap};
}

template <class Body>
void for_every_sampler(Body&& body) {
  const c10::InferenceMode inference;
  const Catalog catalog = discover({own_plugin_folder()});
  Libraries libraries;
  int count = 0;
  for (const auto& entry : catalog.entries()) {
    if (entry.kind != Kind::sampler) continue;
    CAPTURE(entry.id);
    body(*static_cast<const calotype_sampler*>(libraries.implementation(entry)), entry);
    ++count;
  }
  CHECK(count >= 58);
}

}  // namespace

TEST_CASE("samplers: take no memory a step, noise of any kind included: 60 steps ask for it as often as 30") {
  for_every_sampler([](const calotype_sampler& sampler, const EntryInfo& entry) {
    for (const NoiseKind noise : {NoiseKind::torch, NoiseKind::brownian, NoiseKind::philox}) {
      CAPTURE(noise);
      pass(sampler, entry, 2, noise);  // what is made once in a process
      const Asked few = pass(sampler, entry, 30, noise);
      CHECK(pass(sampler, entry, 60, noise) == few);
      CHECK(few.tensors > 0);
    }
  });
}

TEST_CASE("samplers: leave a model's memory as it is where it gives a part of it") {
  const std::vector<double> sigmas{14, 9, 5, 3, 2, 1, 0.5, 0.2, 0};
  const at::Tensor x = at::ones({1, 4, 8, 8}), of_model = at::full({2, 4, 8, 8}, 0.25);
  const auto part = [&] { return of_model.slice(0, 0, 1); };
  const SamplerInputs inputs{[&](const at::Tensor&, double) { return part(); }, [&](double, double) { return part(); },
                             [&](const at::Tensor&, double) { return Guided{part(), part()}; }};
  for_every_sampler([&](const calotype_sampler& sampler, const EntryInfo& entry) {
    run_sampler(sampler, entry, {}, sigmas, x, inputs);
    CHECK(of_model.eq(0.25).all().item<bool>());
  });
}
