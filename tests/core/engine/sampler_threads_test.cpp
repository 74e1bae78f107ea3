// What plugins declare of threads, of samplers: with libtorch, which threads_test.cpp does without.
#include <ATen/ops/zeros.h>
#include <calotype/error.h>
#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "base/install_folder.h"
#include "engine/sampler_call.h"
#include "loading/library.h"
#include "registry/discovery.h"
#include "registry/manifest.h"

using namespace calotype;

namespace {

const double kSigmas[] = {14, 0};

/// A sampler of the library of its name.
struct Fixture {
  explicit Fixture(const std::string& name)
      : entry(find(name)), table(*static_cast<const calotype_sampler*>(libraries.implementation(entry))) {}
  const EntryInfo entry;
  Libraries libraries;
  const calotype_sampler& table;

 private:
  static EntryInfo find(const std::string& name) {
    for (const auto& e : read_manifests(CALOTYPE_FIXTURES "/" + name + ".so").entries)
      if (e.kind == Kind::sampler) return e;
    return {};
  }
};

}  // namespace

TEST_CASE("threads: what is usual for each kind") {
  const Catalog catalog = discover({own_plugin_folder()});
  CHECK(catalog.get(Kind::sampler, "euler").threads == Threads::reentrant);
  CHECK(catalog.get(Kind::loader, "single_file").threads == Threads::instance);
  CHECK(catalog.get(Kind::pipeline, "text_to_image").threads == Threads::instance);
}

TEST_CASE("threads: a sampler for the main thread is refused on another") {
  const Fixture sampler("main_only");
  CHECK(count_model_evaluations(sampler.table, sampler.entry, {}, kSigmas) == 1);
  std::string error;
  std::jthread([&] {
    try {
      count_model_evaluations(sampler.table, sampler.entry, {}, kSigmas);
    } catch (const Error& e) {
      error = e.what();
    }
  }).join();
  CHECK(error ==
        sampler.entry.library +
            ": sampler \"main_only\" declares threads: main, and was called on another; call it on the thread that "
            "the program began with");
}

TEST_CASE("threads: a sampler that calls the host on a thread of its own is named, with what it called") {
  const Fixture sampler("calls_elsewhere");
  const at::Tensor x = at::zeros({1, 4, 8, 8});
  const SamplerInputs inputs{[](const at::Tensor& latents, double) { return latents; },
                             [&](double, double) { return x; }};
  for (const std::string function : {"denoise", "noise", "combine", "error_norm", "release"}) {
    const std::map<std::string, Value> settings{{"function", function}};
    const std::string what = sampler.entry.library + ": sampler \"calls_elsewhere\" called " + function +
                             " on a thread of its own; it must call the host on the thread that it was called on";
    CHECK_THROWS_WITH(run_sampler(sampler.table, sampler.entry, settings, kSigmas, x, inputs), what.c_str());
    CHECK_THROWS_WITH(count_model_evaluations(sampler.table, sampler.entry, settings, kSigmas), what.c_str());
  }
}
