// Plugins as they were built once (tests/data/binaries/make): they load in this host, and give the numbers that they
// gave then. To 1e-12 of sigmas and 1e-6 of latents, whose type is float32: the C library's pow may differ in its last
// bit between processors.
#include <ATen/ops/arange.h>
#include <calotype/abi.h>
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/sampler_call.h"
#include "loading/library.h"
#include "registry/manifest.h"
#include "schedule/scheduler_call.h"

using namespace calotype;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kBinaries = CALOTYPE_TEST_DATA "/binaries";
const int kSteps[] = {1, 2, 7, 30};

json sigmas_of(const calotype_scheduler& scheduler, const EntryInfo& entry) {
  json out;
  for (const double strength : {0.0, 0.8, 1.0})
    for (const int steps : kSteps)
      out[std::to_string(strength) + ", " + std::to_string(steps) + " steps"] = run_scheduler(
          scheduler, entry, {{"strength", strength}}, steps, scaled_linear_sigmas({0.00085, 0.012, 1000}));
  return out;
}

/// Of data of variance 1/4, from 16 numbers.
json latents_of(const calotype_sampler& sampler, const EntryInfo& entry) {
  const at::Tensor x = at::arange(16, at::kFloat).sub(7.5);
  const SamplerInputs inputs{
      [](const at::Tensor& noisy, double sigma) { return noisy.mul(1 / (1 + 4 * sigma * sigma)); },
      [&](double, double) { return x; }};
  json out;
  for (const double strength : {0.0, 0.8, 1.0})
    for (const int steps : kSteps) {
      std::vector<double> sigmas;
      for (int i = 0; i <= steps; ++i) sigmas.push_back(i == steps ? 0 : 14.6 * std::pow(0.002, double(i) / steps));
      const at::Tensor latents = run_sampler(sampler, entry, {{"strength", strength}}, sigmas, x, inputs);
      const float* begin = latents.const_data_ptr<float>();
      out[std::to_string(strength) + ", " + std::to_string(steps) + " steps"] = std::vector<double>(begin, begin + 16);
    }
  return out;
}

json numbers_of(const fs::path& library) {
  const LibraryManifests manifests = read_manifests(library);
  REQUIRE_MESSAGE(!manifests.refusal, manifests.refusal->reason());
  REQUIRE(manifests.entries.size() == 1);
  const EntryInfo& entry = manifests.entries[0];
  Libraries libraries;
  const void* implementation = libraries.implementation(entry);
  if (entry.kind == Kind::scheduler)
    return {{entry.id, sigmas_of(*static_cast<const calotype_scheduler*>(implementation), entry)}};
  return {{entry.id, latents_of(*static_cast<const calotype_sampler*>(implementation), entry)}};
}

void check_near(const json& found, const json& wanted) {
  if (wanted.is_object() || wanted.is_array()) {
    REQUIRE(found.size() == wanted.size());
    for (const auto& [key, value] : wanted.items()) {
      CAPTURE(key);
      check_near(wanted.is_object() ? found.at(key) : found.at(size_t(std::stoi(key))), value);
    }
    return;
  }
  const double a = found, b = wanted, tolerance = float(b) == b ? 1e-6 : 1e-12;
  CHECK(std::abs(a - b) <= tolerance * std::max(std::abs(b), 1e-3));
}

}  // namespace

TEST_CASE("binaries: every plugin that was kept loads and gives its numbers") {
  int count = 0;
  for (const auto& folder : fs::directory_iterator(kBinaries)) {
    if (!folder.is_directory()) continue;
    const json wanted = json::parse(std::ifstream(folder.path() / "numbers.json"));
    for (const auto& [name, numbers] : wanted.items()) {
      CAPTURE(name);
      check_near(numbers_of(folder.path() / name), numbers);
      ++count;
    }
  }
  CHECK(count >= 4);
}

// tests/data/binaries/make runs this for a new folder.
TEST_CASE("write" * doctest::skip()) {
  const fs::path folder = std::getenv("CALOTYPE_BINARIES");
  json out;
  for (const auto& file : fs::directory_iterator(folder))
    if (file.path().extension() == ".so") out[file.path().filename()] = numbers_of(file.path());
  std::ofstream(folder / "numbers.json") << out.dump(1) << "\n";
}
