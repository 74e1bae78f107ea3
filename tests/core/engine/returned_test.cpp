// What plugins of tier 2 return that they must not: each is an error that names the plugin and the call, and no image
// comes out.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace {
using namespace calotype;
namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_returned_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

Host& host() {
  static Host one([] {
    Host::Options options;
    options.plugin_folders = {CALOTYPE_FIXTURES};
    options.environment = false;
    return options;
  }());
  return one;
}

/// The error of a run in which the model, or the pipeline, has that fault; "" where an image came out.
std::string answer(const std::string& of_model, const std::string& of_pipeline, const std::string& sampler = "euler") {
  const Folder folder;
  std::ofstream(folder.path / "m.wrong") << of_model;
  GenerateRequest request;
  request.model = folder.path / "m.wrong";
  request.prompt = of_pipeline;
  request.width = request.height = 64;
  request.steps = 2;
  request.device = "cpu";
  request.pipeline.id = "wrong";
  request.scheduler.id = "karras", request.sampler.id = sampler;
  try {
    const Result result = host().generate(request);
    CHECK(result.pictures.size() == 1);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

using Rows = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("returned: without a fault an image comes out") {
  CHECK(answer("", "") == "");
}

TEST_CASE("returned: what a model must not return names its loader, the call, what was wanted and what was got") {
  const std::string latents = "want [1,4,8,8] of float32 on cpu, got ",
                    images = "want [1,3,H,W] of float32 on cpu, got ";
  const Rows rows{{"open: nothing", "want an opened model, got nothing"},
                  {"description: no levels", "want the sigma of each training timestep, got none"},
                  {"description: falling levels", "want sigmas that rise, got 0.0584 after 0.073"},
                  {"description: no size", "want a width and a height above 0, got 0x64"},
                  {"load: nothing", "want a model, got nothing"},
                  {"load: device", "want a model on cpu, got one on meta"},
                  {"latents_shape: none", "want 4 numbers above 0, the first of them 1, got 0"},
                  {"latents_shape: two", "want 4 numbers above 0, the first of them 1, got 4 others"},
                  {"condition: nothing", "want a denoiser, got nothing"},
                  {"encode: nothing", latents + "no tensor"},
                  {"encode: shape", latents + "[1,4,8,7] of float32 on cpu"},
                  {"encode: type", latents + "[1,4,8,8] of Double on cpu"},
                  {"denoise: nothing", latents + "no tensor"},
                  {"denoise: shape", latents + "[1,4,8,7] of float32 on cpu"},
                  {"denoise: type", latents + "[1,4,8,8] of Double on cpu"},
                  {"denoise: device", latents + "[1,4,8,8] of float32 on meta"},
                  {"denoise: channels", latents + "[1,2,8,8] of float32 on cpu"},
                  {"denoise: batch", latents + "[2,4,8,8] of float32 on cpu"},
                  {"denoise: empty", latents + "[1,4,0,8] of float32 on cpu"},
                  {"decode: nothing", images + "no tensor"},
                  {"decode: shape", "want images of the size of their latents, got 63x64"},
                  {"decode: type", images + "[1,3,64,64] of Double on cpu"},
                  {"decode: device", images + "[1,3,64,64] of float32 on meta"},
                  {"decode: channels", images + "[1,2,64,64] of float32 on cpu"},
                  {"decode: batch", images + "[2,3,64,64] of float32 on cpu"},
                  {"decode: empty", images + "[1,3,0,64] of float32 on cpu"}};
  for (const auto& [fault, words] : rows) {
    CAPTURE(fault);
    CHECK(answer(fault, "") ==
          "loader \"wrong\" (wrong_answers.so): " + fault.substr(0, fault.find(':')) + ": " + words);
  }
  CHECK(answer("decode: range", "")
            .starts_with("loader \"wrong\" (wrong_answers.so): decode: want numbers from 0 to 1, got -"));
}

TEST_CASE("returned: where no numbers come out, the loader is named and what helps") {
  for (const auto& [fault, what] : Rows{{"encode: NaN", "encoded image holds"},
                                        {"denoise: NaN", "latents hold"},
                                        {"decode: NaN", "decoded image holds"}}) {
    CAPTURE(fault);
    CHECK(answer(fault, "").starts_with("loader \"wrong\" (wrong_answers.so): the " + what +
                                        " values that are no numbers"));
  }
}

TEST_CASE("returned: where a sampler makes no numbers of what are some, it is named and not the loader") {
  CHECK(answer("", "", "no_numbers") ==
        "sampler \"no_numbers\" (no_numbers.so): sample: want latents of finite numbers, got values that are no "
        "numbers, from "
        "denoised ones that are");
}

TEST_CASE("returned: what a pipeline must not give names it, the call, what was wanted and what was got") {
  const std::string latents = "want 4 dimensions, none of them 0, of float32 on cpu, got ",
                    images = "want [1,3,H,W] of float32 on cpu, got ";
  const Rows rows{{"plan: nothing", "want a pass over sigmas, or several, got none"},
                  {"plan: an empty pass", "want two sigmas or more, got 0"},
                  {"plan: one sigma", "want two sigmas or more, got 1"},
                  {"plan: equal", "want sigmas that fall, got 1 after 1"},
                  {"plan: NaN", "want sigmas of 0 or more, got nan"},
                  {"plan: below 0", "want sigmas of 0 or more, got -1"},
                  {"plan: second pass", "want two sigmas or more, got 0"},
                  {"noise: image", "want images from 0 to 0, got image -1"},
                  {"noise: shape", "want a shape of images, all of it above 0, got another"},
                  {"sample: nothing", latents + "no tensor"},
                  {"sample: type", latents + "[1,4,8,8] of Double on cpu"},
                  {"sample: device", latents + "[1,4,8,8] of float32 on meta"},
                  {"sample: empty", latents + "[1,4,0,8] of float32 on cpu"},
                  {"sample: batch", "want images from 0 to 0, got 2 images from 0 on"},
                  {"sample: image", "want images from 0 to 0, got image 1"},
                  {"sample: rising", "want sigmas that fall, got 1 after 0"},
                  {"sample: NaN", "want latents of finite numbers, got values that are no numbers"},
                  {"finish: nothing", images + "no tensor"},
                  {"finish: type", images + "[1,3,64,64] of Double on cpu"},
                  {"finish: device", images + "[1,3,64,64] of float32 on meta"},
                  {"finish: channels", images + "[1,2,64,64] of float32 on cpu"},
                  {"finish: batch", images + "[2,3,64,64] of float32 on cpu"},
                  {"finish: empty", images + "[1,3,0,64] of float32 on cpu"},
                  {"finish: latents", latents + "no tensor"},
                  {"finish: image", "want images from 0 to 0, got image 7"},
                  {"finish: twice", "want each image once, got image 0 again"}};
  for (const auto& [fault, words] : rows) {
    CAPTURE(fault);
    CHECK(answer("", fault) ==
          "pipeline \"wrong\" (wrong_answers.so): " + fault.substr(0, fault.find(':')) + ": " + words);
  }
  CHECK(answer("", "plan: rising")
            .starts_with("pipeline \"wrong\" (wrong_answers.so): plan: want sigmas that fall, got "));
  CHECK(answer("", "finish: range")
            .starts_with("pipeline \"wrong\" (wrong_answers.so): finish: want numbers from 0 to 1, got -"));
  CHECK(answer("", "finish: never") == "pipeline \"wrong\" (wrong_answers.so): run: want 1 finished images, got 0");
}

TEST_CASE("returned: after such an error the host generates the next image") {
  CHECK(answer("denoise: NaN", "") != "");
  CHECK(answer("", "") == "");
}
