// One small image of the demo model for each way to generate it on CUDA, under the stand-in for it, against the CPU's
// image of the same config. `build/dev/cuda/run build/dev/bin/test_stand_in_images`; -tc=... for a part,
// CALOTYPE_TEST_OVERRIDES="steps=25 ..." for other images.
#include <calotype/host/host.h>
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "networks/files/safetensors.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

using Overrides = std::vector<std::string>;

/// What is compared: in units of the CPU's latents' standard deviation, and of an image's 255.
struct Generated {
  std::vector<float> latents;
  std::vector<Image> images;
};

Generated generate(Host& host, const std::string& config, Overrides overrides) {
  const fs::path folder = fs::temp_directory_path() / ("calotype_stand_in_" + std::to_string(getpid()));
  overrides.push_back("output.path=" + (folder / "{index}.png").string());
  overrides.push_back("output.latents=" + (folder / "latents.safetensors").string());
  const Result result =
      host.run(host.resolve(Config::from_file(CALOTYPE_SOURCE "/configs/" + config + ".yaml", overrides)));
  Generated made;
  const networks::SafetensorsFile file(result.latents_path);
  const auto& stored = file.tensors().at("latents");
  made.latents.resize(stored.data.size() / sizeof(float));
  std::memcpy(made.latents.data(), stored.data.data(), stored.data.size());
  for (const GeneratedImage& image : result.pictures) made.images.push_back(image.image);
  CHECK(result.fallbacks.empty());
  fs::remove_all(folder);
  return made;
}

double deviation(const std::vector<float>& numbers) {
  double sum = 0, squares = 0;
  for (const float x : numbers) sum += x, squares += double(x) * x;
  const double n = double(numbers.size());
  return std::sqrt(squares / n - sum * sum / n / n);
}

double largest_difference(const std::vector<float>& got, const std::vector<float>& want) {
  REQUIRE(got.size() == want.size());
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return INFINITY;
    worst = std::max(worst, double(std::abs(got[i] - want[i])));
  }
  return worst;
}

/// Of all images together.
double psnr(const std::vector<Image>& got, const std::vector<Image>& want) {
  REQUIRE(got.size() == want.size());
  double squares = 0, count = 0;
  for (size_t k = 0; k < got.size(); ++k) {
    REQUIRE(got[k].rgb.size() == want[k].rgb.size());
    for (size_t i = 0; i < got[k].rgb.size(); ++i)
      squares += std::pow(double(got[k].rgb[i]) - double(want[k].rgb[i]), 2);
    count += double(got[k].rgb.size());
  }
  return squares == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * count / squares);
}

/// A function of the stand-in's for tests.
template <class Function>
Function* of_stand_in(const char* name) {
  const auto found = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
  const bool is_there = found != nullptr;
  REQUIRE_MESSAGE(is_there, "no stand-in for CUDA here: run this by build/dev/cuda/run");
  return found;
}
int faults() {
  return of_stand_in<int()>("stand_in_faults")();
}
int graphs_recorded() {
  return of_stand_in<int(const char*)>("stand_in_counted")("graph captured");
}

/// What is allowed between the CPU and CUDA.
struct Bound {
  double latents, decibels;
};
constexpr Bound kFloat32{1e-3, 60};

struct Way {
  std::string name, config;
  Overrides overrides;
  Bound bound = kFloat32;
};

/// The CPU's images, each made once.
const Generated& on_cpu(Host& host, const std::string& config, const Overrides& overrides) {
  static std::map<std::pair<std::string, Overrides>, Generated> all;
  const auto key = std::pair(config, overrides);
  if (!all.count(key)) all.emplace(key, generate(host, config, overrides));
  return all.at(key);
}

void check(Host& host, const Way& way, const Overrides& both) {
  CAPTURE(way.name);
  const int before = faults();
  Overrides cuda = both, cpu = both;
  cuda.insert(cuda.end(), way.overrides.begin(), way.overrides.end());
  // where the numbers are kept, how the image is cut up and how kernels are launched is nothing to the CPU
  for (const auto& o : way.overrides)
    if (!o.starts_with("memory=") && !o.starts_with("vae_tiling=") && !o.starts_with("cuda_graphs=")) cpu.push_back(o);
  cuda.push_back("device=cuda"), cpu.push_back("device=cpu");
  const Generated got = generate(host, way.config, cuda);
  CHECK(faults() == before);
  const Generated& want = on_cpu(host, way.config, cpu);
  const double latents = largest_difference(got.latents, want.latents) / deviation(want.latents),
               decibels = psnr(got.images, want.images);
  MESSAGE(way.name << ": latents " << latents << " of their standard deviation, image " << decibels << " dB");
  CHECK(latents <= way.bound.latents);
  CHECK(decibels >= way.bound.decibels);
}

/// What all ways have in common: few pixels and steps, of which the second records a graph that the others launch. More
/// overrides, with spaces between, may come from the environment.
Overrides small(Overrides more = {}) {
  Overrides all{"width=64", "height=64", "steps=4", "cuda_graphs=on"};
  all.insert(all.end(), more.begin(), more.end());
  const char* given = std::getenv("CALOTYPE_TEST_OVERRIDES");
  std::istringstream words(given ? given : "");
  for (std::string word; words >> word;) all.push_back(word);
  return all;
}
const Overrides kInFloat32{"dtype=float32"};

}  // namespace

TEST_CASE("images: every memory mode gives the CPU's image in float32") {
  Host host;
  const Way ways[] = {{"full, with graphs", "demo", {"memory=full"}},
                      {"full, without graphs", "demo", {"memory=full", "cuda_graphs=off"}},
                      {"model_offload", "demo", {"memory=model_offload"}},
                      {"block_offload", "demo", {"memory=block_offload"}},
                      {"tiled", "demo", {"memory=full", "vae_tiling=on"}},
                      {"batch 3", "demo", {"memory=full", "images=3", "batch=3"}}};
  for (const Way& way : ways) check(host, way, small(kInFloat32));
}

TEST_CASE("images: every task and technique gives the CPU's image in float32") {
  Host host;
  const Way ways[] = {{"hires", "hires", {}},
                      {"refiner", "refiner", {}},
                      {"image_to_image", "image_to_image", {}},
                      {"inpaint", "inpaint", {}},
                      {"tiny decoder", "tiny_decoder", {}},
                      {"token_merging", "demo", {"token_merging=0.5"}},
                      {"deep_cache", "demo", {"deep_cache=2", "steps=6"}},
                      {"all fusions", "demo", {"model.fusions=all", "model.attention=measured_text"}}};
  for (const Way& way : ways) check(host, way, small(kInFloat32));
}

TEST_CASE("images: weights in fewer bits give an image near the CPU's") {
  Host host;
  const Way ways[] = {{"int8", "demo", {"quantize=int8"}, {0.5, 28}},
                      {"fp8", "demo", {"quantize=fp8"}, {0.3, 33}},
                      {"int8, all fusions", "demo", {"quantize=int8", "model.fusions=all"}, {0.5, 28}},
                      {"fp8, all fusions", "demo", {"quantize=fp8", "model.fusions=all"}, {0.3, 33}},
                      {"nf4", "demo", {"quantize=nf4"}}};
  for (const Way& way : ways) check(host, way, small(kInFloat32));
}

TEST_CASE("images: half the bits give an image near the CPU's") {
  Host host;
  const Way ways[] = {{"bfloat16", "demo", {"dtype=bfloat16"}, {0.8, 25}},
                      {"float16", "demo", {"dtype=float16"}, {0.15, 42}}};
  for (const Way& way : ways) check(host, way, small());
}

TEST_CASE("images: a graph of the first request serves those after it, whatever they ask for") {
  Host host;
  const int before = faults(), recorded = graphs_recorded();
  const Overrides requests[] = {{"prompt=a red circle", "seed=1"},
                                {"prompt=a blue square on a white background", "seed=2"},
                                {"prompt=a green triangle", "seed=3", "negative_prompt=grey"}};
  std::vector<Generated> kept;
  const auto one = [&](Overrides overrides, const char* graphs) {
    overrides.insert(overrides.end(), {"width=64", "height=64", "steps=3", "dtype=float32", "device=cuda",
                                       "memory=full", std::string("cuda_graphs=") + graphs});
    return generate(host, "demo", overrides);
  };
  for (const Overrides& request : requests) kept.push_back(one(request, "auto"));
  CHECK(graphs_recorded() == recorded + 1);
  for (size_t i = 0; i < kept.size(); ++i) {
    const Generated plain = one(requests[i], "off");
    CHECK(kept[i].latents == plain.latents);
    CHECK(kept[i].images[0].rgb == plain.images[0].rgb);
  }
  CHECK(faults() == before);
}
