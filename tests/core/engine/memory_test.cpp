// Memory: what is predicted is what is measured, what saves it generates the same images, and running out of it is not
// the end.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>

#include "base/error_boundary.h"
#include "engine/memory_plan.h"
#include "image/png_metadata.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

using Strings = std::vector<std::string>;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_memory_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

RunOptions in_memory() {
  RunOptions options;
  options.write_files = false;
  return options;
}

ResolvedConfig demo(const Host& host, Strings overrides) {
  overrides.insert(overrides.begin(), {"dtype=float32", "device=cpu"});
  return host.resolve(Config::from_file(CALOTYPE_SOURCE "/configs/demo.yaml", overrides));
}

Image generated(const Strings& overrides) {
  Host host;
  return host.run(demo(host, overrides), in_memory()).pictures.at(0).image;
}

double psnr(const Image& a, const Image& b) {
  REQUIRE(a.rgb.size() == b.rgb.size());
  double squares = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) squares += std::pow(double(a.rgb[i]) - double(b.rgb[i]), 2);
  return squares == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * double(a.rgb.size()) / squares);
}

/// The JSON that the program prints.
nlohmann::json said_by(const std::string& arguments) {
  const std::unique_ptr<FILE, decltype(&pclose)> program(popen((CALOTYPE_PROGRAM " " + arguments).c_str(), "r"),
                                                         &pclose);
  std::string text;
  for (int c; (c = std::fgetc(program.get())) != EOF;) text += char(c);
  return nlohmann::json::parse(text);
}

/// A model for which memory runs out until it is loaded as `enough`.
struct Short {
  Folder folder;
  std::string model = (folder.path / "a.short").string();
  explicit Short(const std::string& enough) { std::ofstream(model) << enough; }

  Host host() const {
    Host::Options options;
    options.plugin_folders = {CALOTYPE_FIXTURES};
    return Host(options);
  }
  ResolvedConfig config(const Host& host, Strings overrides = {}) const {
    overrides.push_back("output.path=" + (folder.path / "{index}.png").string());
    overrides.push_back("output.exists=overwrite");
    return host.resolve(
        Config::from_text("model: " + model + "\nprompt: a cat\nsteps: 2\nimages: 2\ndevice: cpu\n", "a", overrides));
  }
};

/// Options that take `peaks` bytes: full, full and tiled, model offload, block offload.
MemoryPlan planned(const ResolvedConfig& config, const std::array<uint64_t, 4>& peaks, Strings& warnings) {
  const auto need = [&](const LoadOptions& o) {
    return MemoryNeed{0, peaks[o.memory == Memory::full ? size_t(o.tiled_decode) : size_t(o.memory) + 1]};
  };
  return plan_memory(config, {}, {.free = 1100, .resident = 0, .held = 100, .is_first = false}, need, warnings);
}

}  // namespace

TEST_CASE("memory: offload generates the same image, bit for bit, and reads nothing the second time") {
  const Image full = generated({"memory=full", "steps=4"});
  for (const char* memory : {"memory=model_offload", "memory=block_offload"}) {
    CAPTURE(std::string(memory));
    Host host;
    const ResolvedConfig config = demo(host, {memory, "steps=4", "images=2", "output={index}.png"});
    const Result result = host.run(config, in_memory());
    CHECK(result.pictures.at(0).image.rgb == full.rgb);
    CHECK(result.statistics.models_loaded == 1);
    CHECK(host.run(config, in_memory()).statistics.models_loaded == 0);
  }
}

TEST_CASE("memory: decoding in 2 x 2 tiles gives the image of one piece") {
  const double db = psnr(generated({"vae_tiling=on", "steps=4"}), generated({"vae_tiling=off", "steps=4"}));
  MESSAGE("tiled decoder: " << db << " dB");
  CHECK(db >= 45);
}

TEST_CASE("memory: a network in fewer bits generates nearly the same image") {
  const Image exact = generated({});
  for (const auto& [how, least] : {std::pair{"int8", 25.0}, std::pair{"fp8", 22.0}, std::pair{"nf4", 15.0}}) {
    const double db = psnr(generated({std::string("quantize=") + how}), exact);
    MESSAGE(std::string(how) << ": " << db << " dB against float32");
    CHECK(db >= least);
  }
}

TEST_CASE("memory: the peak of a run is within a tenth of what the plan predicts") {
  const std::string model =
      " --set steps=2 --set dtype=float32 --set device=cpu --set output.path=" + (Folder().path / "a.png").string();
  for (const char* overrides :
       {"memory=full", "memory=model_offload", "memory=block_offload", "vae_tiling=on", "quantize=int8",
        "width=512 --set height=512", "model.read=copy", "model.read=copy --set memory=block_offload"}) {
    const std::string command =
        "run " CALOTYPE_SOURCE "/configs/demo.yaml --json --set " + std::string(overrides) + model;
    const double predicted = said_by(command + " --dry-run").at("memory").at("predicted_peak_bytes");
    const double measured = said_by(command).at("statistics").at("process_peak_bytes");
    MESSAGE(std::string(overrides) << ": predicted " << predicted / (1 << 20) << " MiB, measured "
                                   << measured / (1 << 20));
    CHECK(std::abs(predicted / measured - 1) < 0.1);
  }
}

TEST_CASE("memory: and so is that of a second run, with the model of the first still there") {
  Host host;
  host.run(demo(host, {"steps=2"}), in_memory());
  for (const char* memory : {"memory=full", "memory=model_offload", "memory=block_offload"}) {
    const ResolvedConfig config = demo(host, {memory, "steps=2"});
    const double predicted = double(host.plan(config).memory.predicted_peak_bytes);
    const double measured = double(host.run(config, in_memory()).statistics.process_peak_bytes);
    MESSAGE(std::string(memory) << ": predicted " << predicted / (1 << 20) << " MiB, measured "
                                << measured / (1 << 20));
    CHECK(std::abs(predicted / measured - 1) < 0.15);
  }
}

TEST_CASE("memory: auto takes the first way that fits, and warns where none does") {
  ResolvedConfig config;
  const auto chosen = [&](const std::array<uint64_t, 4>& peaks) {
    Strings warnings;
    const MemoryPlan plan = planned(config, peaks, warnings);
    return plan.memory + (plan.tiled_decode ? " tiled" : "") + (warnings.empty() ? "" : "; " + warnings[0]);
  };
  CHECK(chosen({1100, 900, 800, 700}) == "full");
  CHECK(chosen({1101, 900, 800, 700}) == "full tiled");
  CHECK(chosen({2000, 1200, 800, 700}) == "model_offload tiled");
  CHECK(chosen({2000, 1200, 1200, 700}) == "block_offload tiled");
  const std::string warning = "; memory: the run is predicted to take 1953 MiB, and 0 MiB are free";
  CHECK(chosen({2048000000, 2048000000, 2048000000, 2048000000}) == "block_offload tiled" + warning);
  config.memory = MemoryChoice::full, config.vae_tiling = VaeTiling::off;
  CHECK(chosen({2048000000, 900, 800, 700}) ==
        "full" + warning + "; memory: block_offload would take 0 MiB, vae_tiling: on would take 0 MiB");
}

TEST_CASE("memory: where it runs out the run goes on with less, and reports what it did") {
  const std::vector<std::pair<std::string, Strings>> cases{
      {"vae_tiling", {"vae_tiling: on"}},
      {"model_offload", {"vae_tiling: on", "memory: model_offload"}},
      {"block_offload", {"vae_tiling: on", "memory: model_offload", "memory: block_offload"}}};
  for (const auto& [enough, steps] : cases) {
    CAPTURE(enough);
    const Short shortage(enough);
    Host host = shortage.host();
    int finished = 0;
    RunOptions options;
    options.finished = [&](const GeneratedImage&) { ++finished; };
    const Result result = host.run(shortage.config(host), options);
    CHECK(result.fallbacks == steps);
    CHECK(finished == 2);
    // the first image was finished before
    CHECK(result.pictures.at(0).fallbacks.empty());
    CHECK(result.pictures.at(1).fallbacks == steps);
    std::ifstream file(result.pictures.at(1).path, std::ios::binary);
    const std::string png{std::istreambuf_iterator<char>(file), {}};
    const auto texts = read_png_texts(png, "1.png");
    CHECK(texts.at("fallbacks").starts_with("vae_tiling: on"));
  }
}

TEST_CASE(
    "memory: it runs out in the words of every allocator on the CPU too, and other failures of libtorch are none of "
    "it") {
  for (const std::string text :
       {"[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
        "allocate 33554432 bytes. Error code 12 (Cannot allocate memory)",
        "not enough memory: tried to allocate 33554432 bytes", "could not create a memory object"}) {
    CAPTURE(text);
    Short shortage("vae_tiling\n" + text);
    Host host = shortage.host();
    CHECK(host.run(shortage.config(host)).fallbacks == Strings{"vae_tiling: on"});
    std::ofstream(shortage.model) << "never\n" << text;
    CHECK_THROWS_WITH_AS(
        host.run(shortage.config(host)),
        ("out of memory: " + text +
         "; a smaller width and height needs less; tried vae_tiling: on, memory: model_offload, memory: block_offload")
            .c_str(),
        Error);
  }
  const Short broken("never\nsizes do not match");
  Host host = broken.host();
  CHECK_THROWS_WITH_AS(host.run(broken.config(host)),
                       "loader \"short_of_memory\" (short_of_memory.so): libtorch: sizes do not match", Error);
}

TEST_CASE("memory: where it runs out with nothing tried, the error names what needs less") {
  const auto shown = [](const auto& body) {
    try {
      at_border("progress callback", body);
    } catch (const Error& e) {
      CHECK(e.code() == ErrorCode::out_of_memory);
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(shown([] { throw std::bad_alloc(); }) == "out of memory; a smaller width and height needs less");
}

TEST_CASE("memory: where nothing helps the error names what was tried, and what the config forbids is not") {
  const Short shortage("never");
  Host host = shortage.host();
  CHECK_THROWS_WITH_AS(host.run(shortage.config(host)),
                       doctest::Contains("; tried vae_tiling: on, memory: model_offload, memory: block_offload"),
                       Error);
  CHECK_THROWS_WITH_AS(host.run(shortage.config(host, {"vae_tiling=off", "memory=model_offload"})),
                       doctest::Contains("; tried memory: block_offload"), Error);
}
