// What memory samplers write in as they walk.
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <c10/core/InferenceMode.h>
#include <doctest/doctest.h>

#include <vector>

#include "discovery.h"
#include "library.h"
#include "sampling.h"

namespace {
using namespace calotype;

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
