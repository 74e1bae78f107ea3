// Files are written while the next image is generated: what is reported of them, and what is left when one fails.
#include <calotype/host/encode.h>
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

using namespace calotype;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_writing_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::set<std::string> names() const {
    std::set<std::string> out;
    for (const auto& entry : fs::directory_iterator(path)) out.insert(entry.path().filename());
    return out;
  }
};

/// `images` images into the folder: 7.png, 8.png, ...
GenerateRequest many(const Folder& folder, int images, int batch = 1) {
  GenerateRequest request;
  request.model = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";
  request.prompt = "a red cat";
  request.width = request.height = 64;
  request.steps = 2;
  request.seed = 7;
  request.images = images;
  request.batch = batch;
  request.device = "cpu";
  request.dtype = "float32";
  request.output = (folder.path / "{seed}.png").string();
  return request;
}

std::string file_bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Reported {
  std::vector<int> indices;
  RunOptions options;
  Reported() {
    options.finished = [this](const GeneratedImage& p) { indices.push_back(p.index); };
  }
};

std::string error_of(const GenerateRequest& request, const RunOptions& options) {
  Host host;
  try {
    host.generate(request, options);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("writing: images are reported in order, in the thread that generates, each when its file is whole") {
  for (const int batch : {1, 3}) {
    const Folder folder;
    std::vector<int> reported;
    RunOptions options;
    options.finished = [&, generating = std::this_thread::get_id()](const GeneratedImage& p) {
      reported.push_back(p.index);
      CHECK(std::this_thread::get_id() == generating);
      CHECK(file_bytes(p.path) == to_png(p));
    };
    Host host;
    const Result result = host.generate(many(folder, 5, batch), options);
    CHECK(reported == std::vector{0, 1, 2, 3, 4});
    REQUIRE(result.pictures.size() == 5);
    for (int k = 0; k < 5; ++k) CHECK(result.pictures[size_t(k)].index == k);
    CHECK(folder.names() == std::set<std::string>{"10.png", "11.png", "7.png", "8.png", "9.png"});
  }
}

TEST_CASE("writing: what takes an image's path during the run is kept, the image is beside it, and the run ends") {
  for (const int failing : {0, 2, 4}) {
    const Folder folder;
    const fs::path path = folder.path / (std::to_string(7 + failing) + ".png"),
                   beside = folder.path / (std::to_string(7 + failing) + "-2.png");
    Reported reported;
    reported.options.progress = [&](const Progress& p) {
      if (p.image == failing && p.call == 1) fs::create_directories(path);
    };
    CHECK(error_of(many(folder, 5), reported.options) ==
          path.string() + ": is there since the run began, and was kept; what was to be written is in " +
              beside.string());
    std::set<std::string> left{path.filename(), beside.filename()};
    for (int k = 0; k < failing; ++k) left.insert(std::to_string(7 + k) + ".png");
    CHECK(folder.names() == left);
    CHECK(int(reported.indices.size()) == failing);
  }
}

TEST_CASE("writing: a disk that is full by the second image ends the run, and leaves the first") {
  const Folder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit before{RLIM_INFINITY, RLIM_INFINITY}, small{100, RLIM_INFINITY};
  Reported reported;
  reported.options.finished = [&](const GeneratedImage&) { setrlimit(RLIMIT_FSIZE, &small); };
  const std::string error = error_of(many(folder, 3), reported.options);
  setrlimit(RLIMIT_FSIZE, &before);
  // the first is reported at a model evaluation of the second at the latest, long before that one is written
  CHECK(error == (folder.path / "8.png").string() + ": cannot be written: File too large");
  CHECK(folder.names() == std::set<std::string>{"7.png"});
}

TEST_CASE("writing: a folder that a file has replaced ends the run") {
  const Folder folder;
  GenerateRequest request = many(folder, 3);
  request.output = (folder.path / "in" / "{seed}.png").string();
  Reported reported;
  reported.options.finished = [&](const GeneratedImage&) {
    fs::remove_all(folder.path / "in");
    std::ofstream(folder.path / "in") << "";
  };
  CHECK(error_of(request, reported.options).starts_with((folder.path / "in").string()));
  CHECK(folder.names() == std::set<std::string>{"in"});
}

TEST_CASE("writing: a run that is stopped has written and reported what was generated before") {
  for (const int stopped : {0, 1, 3}) {
    const Folder folder;
    Reported reported;
    std::stop_source stop;
    reported.options.stop = stop.get_token();
    reported.options.progress = [&](const Progress& p) {
      if (p.image == stopped && p.call == 1) stop.request_stop();
    };
    CHECK(error_of(many(folder, 5), reported.options) == "cancelled");
    std::set<std::string> left;
    for (int k = 0; k < stopped; ++k) left.insert(std::to_string(7 + k) + ".png");
    CHECK(folder.names() == left);
    CHECK(int(reported.indices.size()) == stopped);
  }
}

TEST_CASE("writing: what fails beside it does not lose the image that is being written") {
  const Folder folder;
  Reported reported;
  reported.options.progress = [](const Progress& p) {
    if (p.image == 1 && p.phase == Phase::decode) throw std::runtime_error("enough");
  };
  CHECK(error_of(many(folder, 3), reported.options) == "progress callback: enough");
  CHECK(folder.names() == std::set<std::string>{"7.png"});
  CHECK(reported.indices == std::vector{0});
}
