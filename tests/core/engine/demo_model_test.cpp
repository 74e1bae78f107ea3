// Does the demo model generate what the prompt asks for? Captions that it was not trained on, judged by
// tests/image_checker.
#include <calotype/host/host.h>
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "image_checker.h"

using namespace calotype;

TEST_CASE("demo model: nine of ten captions come out right") {
  // CALOTYPE_DEMO_PROMPTS=100 judges all that are there
  const char* wanted = std::getenv("CALOTYPE_DEMO_PROMPTS");
  const int count = wanted ? std::atoi(wanted) : 20;
  const auto prompts = nlohmann::json::parse(std::ifstream(CALOTYPE_TEST_DATA "/demo_prompts.json"));
  Host host;
  RunOptions options;
  options.write_files = false;
  int right = 0, judged = 0;
  for (const auto& p : prompts) {
    if (judged == count) break;
    const auto config =
        Config::from_file(CALOTYPE_SOURCE "/configs/demo.yaml",
                          {"prompt=" + p["caption"].get<std::string>(), "seed=" + std::to_string(judged++)});
    const Image image = host.run(host.resolve(config), options).pictures.at(0).image;
    image_checker::Scene scene{p["background"], {}};
    for (const auto& o : p["objects"]) scene.objects.push_back({o["shape"], o["colour"], o["x"], o["y"]});
    const bool is_right = image_checker::check(image.rgb.data(), image.width, image.height, scene).all;
    if (!is_right) MESSAGE("not all right: " << p["caption"].get<std::string>());
    right += is_right;
  }
  MESSAGE(right << " of " << judged << " captions came out right");
  REQUIRE(judged == count);
  CHECK(right * 10 >= judged * 9);
}

TEST_CASE("demo model: its tiny decoder decodes as its VAE does, roughly") {
  Host host;
  RunOptions options;
  options.write_files = false;
  const auto generated = [&](const std::vector<std::string>& overrides) {
    return host.run(host.resolve(Config::from_file(CALOTYPE_SOURCE "/configs/tiny_decoder.yaml", overrides)), options)
        .pictures.at(0)
        .image.rgb;
  };
  for (const char* prompt : {"prompt=a yellow circle above a blue square on a pink background",
                             "prompt=a small white triangle on the left, black background",
                             "prompt=a large green square on a gray background"}) {
    const auto tiny = generated({prompt}), exact = generated({prompt, "model.decoder=vae"});
    REQUIRE(tiny.size() == exact.size());
    double squares = 0;
    for (size_t i = 0; i < tiny.size(); ++i) squares += (double(tiny[i]) - exact[i]) * (double(tiny[i]) - exact[i]);
    const double psnr = 10 * std::log10(255.0 * 255.0 * double(tiny.size()) / squares);
    MESSAGE(std::string(prompt) << ": " << psnr << " dB");
    CHECK(psnr > 25);
  }
}

TEST_CASE("demo model: the mask of configs/inpaint.yaml covers the whole circle") {
  Host host;
  const Request request =
      host.plan(host.resolve(Config::from_file(CALOTYPE_SOURCE "/configs/inpaint.yaml"))).config.request;
  int covered = 0, outside = 0;
  for (size_t i = 0; i < request.image->rgb.size(); i += 3) {
    const uint8_t* pixel = &request.image->rgb[i];
    if (pixel[0] < 180 || pixel[1] < 150 || pixel[2] > 140) continue;  // no yellow
    ++(request.mask->rgb[i] > 127 ? covered : outside);
  }
  CHECK(covered > 1000);
  CHECK(outside == 0);
}
