// The sums of a run's model files, counted beside it.
#include "models/model_sums.h"

#include <calotype/error.h>
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace calotype;
namespace fs = std::filesystem;

namespace {

/// A folder with a cache of its own.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_sums_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path), setenv("XDG_CACHE_HOME", path.c_str(), 1); }
  ~Folder() { fs::remove_all(path), unsetenv("XDG_CACHE_HOME"); }
  std::string write(const char* name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return path / name;
  }
};

ResolvedConfig config_of(const std::string& model, const std::string& refiner = "") {
  ResolvedConfig config;
  config.model = model, config.refiner = refiner;
  return config;
}

/// The policies and nice values of this process' threads.
std::vector<std::pair<int, int>> priorities() {
  std::vector<std::pair<int, int>> all;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    const auto id = pid_t(std::stoi(task.path().filename()));
    all.emplace_back(sched_getscheduler(id), getpriority(PRIO_PROCESS, id_t(id)));
  }
  return all;
}

// of "abc": FIPS 180-4's example
constexpr const char* kAbc = "ba7816bf8f";

}  // namespace

TEST_CASE("model sums: ten digits of each file, and nothing of what is no file") {
  const Folder folder;
  ModelSums sums(config_of(folder.write("a.safetensors", "abc"), folder.path));
  const ShortSums got = sums.get({});
  CHECK(got.model == kAbc);
  CHECK(got.vae == "");
  CHECK(got.refiner == "");
  CHECK(sums.get({}).model == kAbc);
  CHECK(sums.take_warnings().empty());
}

TEST_CASE("model sums: what was counted is remembered until the file changes") {
  const Folder folder;
  const std::string file = folder.write("a.safetensors", "abc");
  CHECK(ModelSums(config_of(file)).get({}).model == kAbc);
  const fs::path cache = folder.path / "calotype/sha256.json";
  std::ifstream in(cache);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(text.find(kAbc) != text.npos);
  std::ofstream(cache) << text.replace(text.find(kAbc), 10, "0123456789");
  CHECK(ModelSums(config_of(file)).get({}).model == "0123456789");
  folder.write("a.safetensors", "abc");
  CHECK(ModelSums(config_of(file)).get({}).model == kAbc);
}

TEST_CASE("model sums: their thread gives way, but has turns, without which no signal ends the process") {
  const Folder folder;
  const std::string file = folder.write("large.safetensors", "");
  fs::resize_file(file, uintmax_t(64) << 30);  // takes longer than the test
  const ModelSums sums(config_of(file));
  bool gives_way = false;
  for (int tries = 0; tries < 2000 && !gives_way; ++tries) {
    usleep(10'000);
    for (const auto& [policy, nice] : priorities()) {
      CHECK(policy != SCHED_IDLE);
      gives_way |= nice == 19;
    }
  }
  CHECK(gives_way);
}

TEST_CASE("model sums: none is counted where output.model_hash is false") {
  const Folder folder;
  ResolvedConfig config = config_of(folder.write("a.safetensors", "abc"));
  config.model_hash = false;
  CHECK(ModelSums(config).get({}).model == "");
  CHECK(!fs::exists(folder.path / "calotype"));
}

TEST_CASE("model sums: a file that cannot be read is an error for who asks") {
  const Folder folder;
  ModelSums sums(config_of("/proc/self/mem"));
  CHECK_THROWS_WITH_AS(sums.get({}), "/proc/self/mem: cannot be read: Input/output error", Error);
}

TEST_CASE("model sums: a run that is ended does not wait for them") {
  const Folder folder;
  const std::string file = folder.write("a.safetensors", "");
  fs::resize_file(file, uint64_t(64) << 30);  // of holes: minutes to count
  const auto start = std::chrono::steady_clock::now();
  {
    std::stop_source stop;
    stop.request_stop();
    ModelSums sums(config_of(file));
    CHECK(sums.get(stop.get_token()).model == "");
    CHECK(sums.take_warnings() == std::vector<std::string>{"no \"Model hash\" for " + file + ": the run was ended"});
    const ModelSums given_up(config_of(file));
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}
