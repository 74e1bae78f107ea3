// What many plugins cost: prints the best and the middle milliseconds of reading the manifests of 200, of `calotype
// list` with all of them, and of `calotype list` and `calotype --version` without.
//
//   bench_plugins [RUNS]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "registry/discovery.h"

namespace {
namespace fs = std::filesystem;
constexpr int kPlugins = 200;

/// The plugin again and again, each with a name of its own in its manifest.
void make_plugins(const fs::path& folder) {
  std::ifstream in(CALOTYPE_PLUGIN, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const size_t id = bytes.find("\"id\":\"ease\"");
  if (id == bytes.npos) throw std::runtime_error(CALOTYPE_PLUGIN ": has no id \"ease\"");
  fs::create_directories(folder);
  for (int i = 0; i < kPlugins; ++i) {
    char name[8];
    std::snprintf(name, sizeof name, "e%03d", i);
    bytes.replace(id + 6, 4, name);
    std::ofstream(folder / (std::string(name) + ".so"), std::ios::binary) << bytes;
  }
}

void command(const std::string& line) {
  if (std::system((line + " >/dev/null").c_str()) != 0) throw std::runtime_error(line + ": failed");
}

void measure(const char* name, int runs, const std::function<void()>& body) {
  std::vector<double> ms;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    body();
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(ms.begin(), ms.end());
  std::printf("{\"what\": \"%s\", \"best_ms\": %.2f, \"middle_ms\": %.2f}\n", name, ms.front(), ms[ms.size() / 2]);
}

}  // namespace

int main(int count, char** words) try {
  const int runs = std::max(count > 1 ? std::atoi(words[1]) : 20, 1);
  const fs::path folder = fs::temp_directory_path() / ("calotype_bench_plugins_" + std::to_string(getpid()));
  make_plugins(folder);
  measure("manifests of 200 plugins", runs, [&] {
    const auto catalog = calotype::discover({folder.string()});
    if (catalog.entries().size() != kPlugins) throw std::runtime_error("not all plugins were let in");
  });
  measure("list with 200 plugins", runs,
          [&] { command("CALOTYPE_PLUGIN_PATH=" + folder.string() + " " CALOTYPE_PROGRAM " list"); });
  measure("list", runs, [] { command(CALOTYPE_PROGRAM " list"); });
  measure("--version", runs, [] { command(CALOTYPE_PROGRAM " --version"); });
  fs::remove_all(folder);
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_plugins: %s\n", e.what());
  return 1;
}
