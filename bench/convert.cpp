// Packs all of a file's bytes as float16 weights into bfloat16 panels, as linear layers do with weights that they read
// in place:
//
//   bench_convert FILE      on OMP_NUM_THREADS threads, or 2; prints one JSON object
//
// The first pass also brings the file's pages in; a packed panel is written to the same buffer again and again.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "networks/kernels/cpu/linear.h"

namespace {
using namespace calotype::networks::cpu;

constexpr LinearShape kPanelOf{1280, 64};
constexpr int64_t kBytes = kPanelOf.inputs * kPanelOf.outputs * 2;

double seconds_of(const char* bytes, int64_t panels, int threads) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::jthread> all;
  for (int thread = 0; thread < threads; ++thread)
    all.emplace_back([=] {
      std::vector<uint32_t> words(linear_packed_words<uint16_t>(kPanelOf));
      for (int64_t panel = panels * thread / threads; panel < panels * (thread + 1) / threads; ++panel) {
        const void* weights = bytes + panel * kBytes;
        linear_pack<uint16_t>(kPanelOf, {NumberFormat::kFloat16, &weights, kPanelOf.outputs}, words.data(), 0,
                              linear_panels(kPanelOf));
      }
    });
  all.clear();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
}  // namespace

int main(int count, char** arguments) {
  const int file = count > 1 ? open(arguments[1], O_RDONLY) : -1;
  struct stat status{};
  if (file < 0 || fstat(file, &status) != 0) return std::fprintf(stderr, "bench_convert: want a file\n"), 66;
  const void* memory = mmap(nullptr, size_t(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) return std::perror("bench_convert"), 66;
  const char* wanted = std::getenv("OMP_NUM_THREADS");
  const int threads = wanted && std::atoi(wanted) > 0 ? std::atoi(wanted) : 2;
  const int64_t panels = status.st_size / kBytes;
  const double work = 1e-9 * double(panels * kBytes);
  const double first = seconds_of(static_cast<const char*>(memory), panels, threads);
  const double again = seconds_of(static_cast<const char*>(memory), panels, threads);
  std::printf("{\"convert_first_gb_per_second\": %.4g, \"convert_gb_per_second\": %.4g}\n", work / first, work / again);
}
