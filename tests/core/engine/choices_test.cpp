// Choices that trade exactness for speed: what each costs, against the exact image of configs/demo.yaml.
#include <calotype/host/host.h>
#include <doctest/doctest.h>

#include <cmath>

using namespace calotype;

namespace {

using Strings = std::vector<std::string>;

Result generated(Strings overrides) {
  Host host;
  overrides.insert(overrides.begin(), {"dtype=float32", "device=cpu"});
  RunOptions options;
  options.write_files = false;
  return host.run(host.resolve(Config::from_file(CALOTYPE_SOURCE "/configs/demo.yaml", overrides)), options);
}

const Image& image(const Result& result, size_t index = 0) {
  return result.pictures.at(index).image;
}

double psnr(const Image& a, const Image& b) {
  REQUIRE(a.rgb.size() == b.rgb.size());
  double squares = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) squares += std::pow(double(a.rgb[i]) - double(b.rgb[i]), 2);
  return squares == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * double(a.rgb.size()) / squares);
}

struct Floor {
  Strings overrides;
  double db;
};

void check_floors(const std::vector<Floor>& floors) {
  const Result exact = generated({});
  for (const auto& [overrides, least] : floors) {
    std::string name;
    for (const auto& text : overrides) name += (name.empty() ? "" : ", ") + text;
    const double db = psnr(image(generated(overrides)), image(exact));
    MESSAGE(name << ": " << db << " dB against the exact image");
    CHECK(db >= least);
  }
}

}  // namespace

TEST_CASE("choices: a choice that is off changes neither the image nor its record") {
  const Result plain = generated({"steps=4"});
  const Result off = generated({"steps=4", "guidance_start=0", "guidance_end=1", "deep_cache=1", "token_merging=0"});
  CHECK(image(off).rgb == image(plain).rgb);
  CHECK(off.pictures[0].record == plain.pictures[0].record);
}

TEST_CASE("choices: guidance in some of the steps generates nearly the same image") {
  check_floors({{{"guidance_start=0.2"}, 34},
                {{"guidance_end=0.8"}, 30},
                {{"guidance_end=0.6"}, 22},
                {{"guidance_start=0.2", "guidance_end=0.8"}, 27}});
}

TEST_CASE("choices: deep features of an earlier step generate nearly the same image") {
  check_floors({{{"deep_cache=2"}, 36}, {{"deep_cache=3"}, 29}, {{"deep_cache=5"}, 20}});
}

TEST_CASE("choices: deep features suit samplers that ask several times a step") {
  for (const std::string sampler : {"heun", "dpmpp_sde", "restart"}) {
    Strings settings{"sampler=" + sampler, "scheduler=karras", "noise=torch"};
    const Result exact = generated(settings);
    settings.push_back("deep_cache=3");
    const double db = psnr(image(generated(settings)), image(exact));
    MESSAGE(sampler << ", deep_cache=3: " << db << " dB");
    CHECK(db >= 28);
  }
}

TEST_CASE("choices: no image sees the deep features of another, one by one, at once, by blocks, or of one step") {
  const Strings choice{"deep_cache=3", "guidance_end=0.6", "steps=7", "output={index}.png"};
  const auto with = [&](Strings more) {
    more.insert(more.begin(), choice.begin(), choice.end());
    return generated(more);
  };
  const Result one = with({}), two = with({"seed=2"});
  for (const char* how : {"batch=1", "batch=2", "memory=model_offload", "memory=block_offload"}) {
    CAPTURE(std::string(how));
    const Result both = with({"images=2", how});
    CHECK(image(both, 0).rgb == image(one).rgb);
    CHECK(image(both, 1).rgb == image(two).rgb);
  }
  const Strings single{"steps=1", "seed=2"}, pair{"steps=1", "images=2", "deep_cache=3", "output={index}.png"};
  CHECK(image(generated(pair), 1).rgb == image(generated(single)).rgb);
}

TEST_CASE("choices: tokens that are merged for attention generate nearly the same image") {
  check_floors({{{"token_merging=0.25"}, 34}, {{"token_merging=0.5"}, 28}, {{"token_merging=0.75"}, 28}});
}

TEST_CASE("choices: an image's record has them and generates it again, and A1111's text names what it knows") {
  const Result once = generated({"steps=4", "guidance_start=0.25", "deep_cache=2", "token_merging=0.5"});
  const GeneratedImage& first = once.pictures[0];
  CHECK(first.record.find("\"guidance_start\":0.25,\"deep_cache\":2,\"token_merging\":0.5,") != std::string::npos);
  CHECK(first.parameters.find(", Token merging ratio: 0.5, RNG: CPU, ") != std::string::npos);
  CHECK(first.parameters.find(", Skip Early CFG: 0.25, ") != std::string::npos);
  Host host;
  CHECK(host.generate(Config::from_json(first.record, "record")).pictures[0].image.rgb == first.image.rgb);
}
