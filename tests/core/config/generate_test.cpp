// The host without config files: requests, defaults, previews, encodings, memory, threads.
#include <calotype/host/encode.h>
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <malloc.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace calotype;
namespace fs = std::filesystem;

namespace {

const std::string kTiny = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";
const std::string kDemo = CALOTYPE_SOURCE "/configs/demo_model/demo.safetensors";

GenerateRequest tiny() {
  GenerateRequest request;
  request.model = kTiny;
  request.prompt = "a red cat";
  request.width = request.height = 64;
  request.steps = 3;
  request.seed = 7;
  request.device = "cpu";
  request.dtype = "float32";
  return request;
}

template <class Function>
std::string message_of(Function function) {
  try {
    function();
  } catch (const Error& e) {
    return e.what();
  }
  return "fine";
}

/// Memory of the process that no file stands for, in KiB.
double anonymous() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8));
  return 0;
}

}  // namespace

TEST_CASE("generate: a request generates what the config with the same values generates") {
  Host host;
  GenerateRequest request = tiny();
  request.negative_prompt = "blurry";
  request.guidance_scale = 3.5;
  request.scheduler = {"karras", {{"rho", 5.0}}};
  request.sampler.id = "euler_ancestral";
  request.options.set("crop", Numbers{8, 16});
  const std::string yaml =
      "{model: " + kTiny +
      ", prompt: a red cat, width: 64, height: 64, steps: 3, seed: 7, device: cpu, dtype: float32, "
      "negative_prompt: blurry, guidance_scale: 3.5, scheduler: {id: karras, rho: 5}, sampler: "
      "euler_ancestral, crop: [8, 16]}";
  const Result a = host.generate(request), b = host.generate(Config::from_text(yaml, "a"));
  CHECK(a.pictures[0].record == b.pictures[0].record);
  CHECK(a.pictures[0].image.rgb == b.pictures[0].image.rgb);
  CHECK(a.pictures[0].path.empty());
}

TEST_CASE("generate: what is wrong with a request is reported as of a config") {
  Host host;
  const auto message = [&](auto change) {
    GenerateRequest request = tiny();
    change(request);
    return message_of([&] { host.resolve(request); });
  };
  CHECK(message([](auto& r) { r.steps = 0; }) == "request: steps: want an integer from 1 to 1000, got \"0\"");
  CHECK(message([](auto& r) { r.guidance_scale = NAN; }) ==
        "request: guidance_scale: want a number from 0 to 100, got \"nan\"");
  CHECK(message([](auto& r) { r.width = 100; }) == "request: width: want a multiple of 8 from 8 to 16384, got \"100\"");
  CHECK(message([](auto& r) { r.device = "gpu"; }) ==
        "request: device: want auto, cpu, cuda or cuda:N, got \"gpu\"; here it is cuda");
  CHECK(
      message([](auto& r) { r.scheduler = {"karras", {{"roh", 5.0}}}; }) ==
      "request: scheduler \"karras\": unknown key \"roh\"; did you mean \"rho\"? known: id, rho, sigma_min, sigma_max, "
      "range");
  CHECK(message([](auto& r) { r.more["initial_noise"] = std::string("sigmas"); }) ==
        "request: initial_noise: want unit_variance or sigma, got \"sigmas\"");
  CHECK(message([](auto& r) { r.model = ""; }) == "request: missing key \"model\"");
  CHECK(message([](auto& r) { r.output = "a.bmp"; }).starts_with("request: output.path: "));
}

TEST_CASE("generate: an image in memory is an input, and must be as large as it declares") {
  Host host;
  GenerateRequest request = tiny();
  request.pipeline.id = "image_to_image";
  request.options.set("strength", 0.4);
  request.steps = 10;
  Image gray{64, 64, std::vector<uint8_t>(64 * 64 * 3, 128)};
  request.image = std::make_shared<const Image>(gray);
  const auto over_gray = host.generate(request).pictures[0].image.rgb;
  gray.rgb.assign(64 * 64 * 3, 255);
  request.image = std::make_shared<const Image>(gray);
  CHECK(host.generate(request).pictures[0].image.rgb != over_gray);
  gray.rgb.pop_back();
  request.image = std::make_shared<const Image>(gray);
  CHECK(message_of([&] { host.generate(request); }) ==
        "request: image: want 12288 bytes for 64 x 64 pixels, got 12287");
}

TEST_CASE("generate: a file is written only where the request names it") {
  Host host;
  const fs::path folder = fs::temp_directory_path() / ("calotype_generate_" + std::to_string(getpid()));
  GenerateRequest request = tiny();
  request.output = (folder / "a.png").string();
  const Result result = host.generate(request);
  std::ifstream in(request.output, std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == to_png(result.pictures[0]));
  fs::remove_all(folder);
}

TEST_CASE("generate: base64 is RFC 4648's") {
  const char* rows[][2]{{"", ""},
                        {"f", "Zg=="},
                        {"fo", "Zm8="},
                        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg=="},
                        {"foobar", "Zm9vYmFy"},
                        {"\xff\xfe", "//4="}};
  for (const auto& row : rows) CHECK(to_base64(row[0]) == row[1]);
}

TEST_CASE("generate: the scheduler and sampler that a host was set to stand in for those that a request leaves out") {
  Host host;
  host.set_scheduler("karras", {{"rho", 5.0}});
  host.set_sampler("heun");
  CHECK(std::get<double>(host.resolve(tiny()).scheduler.settings.at("rho")) == 5);
  CHECK(host.resolve(tiny()).sampler.entry.id == "heun");
  GenerateRequest named = tiny();
  named.scheduler.id = "euler";
  CHECK(host.resolve(named).scheduler.entry.id == "euler");
  CHECK(host.resolve(named).sampler.entry.id == "heun");
  CHECK(message_of([&] {
          host.set_sampler("hein");
        }).starts_with("default sampler: unknown sampler \"hein\"; did you mean \"heun\"?"));
  host.set_scheduler("");
  host.set_sampler("");
  CHECK(host.resolve(tiny()).scheduler.entry.id == "dpm_pp_2m_karras");
}

TEST_CASE("generate: previews come after every k-th call, and look like the image's latents") {
  Host host;
  std::vector<int> calls;
  RunOptions options;
  options.preview_every = 2;
  options.preview = [&](const Preview& p) {
    calls.push_back(p.progress.call);
    CHECK(p.image.width == 8);
    CHECK(p.image.height == 8);
    CHECK(p.image.rgb.size() == 8 * 8 * 3);
  };
  GenerateRequest request = tiny();
  request.steps = 5;
  const auto with = host.generate(request, options).pictures[0].image.rgb;
  CHECK(calls == std::vector{2, 4});
  CHECK(with == host.generate(request).pictures[0].image.rgb);
}

TEST_CASE("generate: previews by a tiny decoder are as large as the image, and leave it as it is") {
  Host host;
  std::vector<std::vector<uint8_t>> previews;
  RunOptions options;
  options.preview = [&](const Preview& p) {
    CHECK(p.image.width == 64);
    CHECK(p.image.height == 64);
    previews.push_back(p.image.rgb);
  };
  GenerateRequest request = tiny();
  const auto plain = host.generate(request).pictures[0].image.rgb;
  request.model_settings["tiny_decoder"] = std::string(CALOTYPE_TEST_DATA "/tiny_decoder/decoder.safetensors");
  CHECK(host.generate(request, options).pictures[0].image.rgb == plain);
  REQUIRE(previews.size() == 3);
  CHECK(previews[0] != previews[2]);

  request.model_settings["decoder"] = std::string("tiny");
  const GeneratedImage by_tiny = host.generate(request, options).pictures[0];
  CHECK(by_tiny.image.rgb != plain);
  CHECK(by_tiny.record.find("\"decoder\":\"tiny\"") != std::string::npos);
  CHECK(host.generate(Config::from_json(by_tiny.record, "a.png")).pictures[0].image.rgb == by_tiny.image.rgb);
  // the last preview is of the latents that the image is decoded from, for a sampler that ends in the model's denoised
  CHECK(previews.back() == by_tiny.image.rgb);
}

TEST_CASE("generate: what is wrong with a tiny decoder is reported with its position, before a weight is read") {
  Host host;
  const auto message = [&](const std::string& settings) {
    return message_of([&] {
      host.plan(
          host.resolve(Config::from_text("model: {path: " + kTiny + ", " + settings + "}\nprompt: a cat\n", "a.yaml")));
    });
  };
  const std::string column = std::to_string(std::string("model: {path: " + kTiny + ", tiny_decoder: ").size() + 1);
  CHECK(message("tiny_decoder: none.safetensors").starts_with("a.yaml:1:" + column + ": model.tiny_decoder: "));
  CHECK(message("tiny_decoder: [1]").starts_with("a.yaml:1:" + column + ": model.tiny_decoder: want "));
  CHECK(message("tiny_decoder: " + kTiny) ==
        kTiny + ": want TAESD's decoder for \"tiny_decoder\", got a Stable Diffusion XL checkpoint");
  CHECK(message("decoder: tinny").ends_with(": model.decoder: want vae or tiny, got \"tinny\""));
  CHECK(message("decoder: tiny") == "decoder: want tiny_decoder too, got none");
  const std::string unknown = message("tiny_decode: x");
  CHECK(unknown.find("unknown key \"tiny_decode\"; did you mean \"tiny_decoder\"? known: tiny_decoder, decoder, ") !=
        unknown.npos);
  CHECK_MESSAGE(unknown.ends_with(", and 8 more: calotype show single_file"), unknown);
}

TEST_CASE("generate: what a callback throws ends the run and is reported with its owner") {
  Host host;
  RunOptions options;
  options.preview = [](const Preview&) { throw 1; };
  CHECK(message_of([&] { host.generate(tiny(), options); }) ==
        "preview callback: threw something that is not a std::exception");
  CHECK(message_of([&] { host.generate(tiny(), [](const Progress&) { throw std::runtime_error("enough"); }); }) ==
        "progress callback: enough");
  options.preview = nullptr;
  options.finished = [](const GeneratedImage&) { throw Error(ErrorCode::io, "disk is full"); };
  CHECK(message_of([&] { host.generate(tiny(), options); }) == "disk is full");
}

TEST_CASE("generate: load reads the model, so that the run reads nothing") {
  Host host;
  host.load(host.resolve(tiny()));
  CHECK(host.generate(tiny()).statistics.models_loaded == 0);
  host.unload();
  CHECK(host.generate(tiny()).statistics.models_loaded == 1);
}

TEST_CASE("generate: unload gives the model's memory back to within a percent of before") {
  Host host;
  GenerateRequest demo = tiny();
  demo.model = kDemo;
  host.generate(demo);  // libtorch's own tables for such layers are there from now on
  host.unload();
  const double before = anonymous();
  host.load(host.resolve(demo));
  const double loaded = anonymous();
  host.generate(demo);
  host.unload();
  const double after = anonymous();
  MESSAGE(before << " KiB before, " << loaded << " loaded, " << after << " after");
  CHECK(loaded > before + 5000);
  CHECK(after < before * 1.01);
}

TEST_CASE("generate: hosts generate side by side in threads, each the same as alone") {
  const auto generate = [](Host& host, uint64_t seed) {
    GenerateRequest request = tiny();
    request.seed = seed;
    return host.generate(request).pictures[0].image.rgb;
  };
  Host alone;
  std::vector<std::vector<uint8_t>> expected, got(12);
  for (uint64_t i = 0; i < got.size(); ++i) expected.push_back(generate(alone, i));
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (size_t i = t; i < got.size(); i += 3) {
        Host host;  // made, used and ended beside the others
        got[i] = generate(host, i);
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(got == expected);
}
