// What is known of the library of kernels on any machine.
#include "networks/kernels/cuda_library.h"

#include <calotype/loading_memory.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>

#include "networks/cuda_test.h"
#include "networks/kernels/cuda/tiling.h"
#include "networks/kernels/cuda_ops.h"

namespace {
using namespace cuda_test;

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const calotype::Error& e) {
    CHECK(e.code() == calotype::ErrorCode::unavailable);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("cuda library: a missing file is named, with what to do") {
  CHECK(
      error_of([] { open_cuda_library("/nowhere/sdxl_cuda.so"); }) ==
      "/nowhere/sdxl_cuda.so: no such file, want the kernels for CUDA that this was built with; install them there, or "
      "build with "
      "CALOTYPE_CUDA_KERNELS=OFF");
}

TEST_CASE("cuda library: a file that is no library says so") {
  const std::string file = here() / "networks/clip_merges.txt";
  const std::string text = error_of([&] { open_cuda_library(file); });
  CHECK(text == file + ": cannot be loaded: " + file +
                    ": invalid ELF header; want the libtorch with CUDA that it was built for "
                    "(CALOTYPE_CUDA=1 ./dev build)");
}

TEST_CASE("cuda library: memory that runs out while it is loaded is reported as that") {
#ifdef __SANITIZE_ADDRESS__  // which wants terabytes of addresses for itself
  return;
#endif
  const std::string file = here().parent_path() / "lib/calotype/plugins/sdxl.so";  // larger than what is left
  const pid_t child = fork();
  if (child == 0) {
    rlimit addresses{};
    getrlimit(RLIMIT_AS, &addresses);
    size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    addresses.rlim_cur = pages * size_t(sysconf(_SC_PAGESIZE)) + (1 << 20);
    setrlimit(RLIMIT_AS, &addresses);
    try {
      open_cuda_library(file);
    } catch (const calotype::Error& e) {
      const bool is_told = std::string_view(e.what()).ends_with(calotype::kMoreMemory);
      _exit(is_told && e.code() == calotype::ErrorCode::out_of_memory ? 0 : 1);
    }
    _exit(2);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("cuda library: another library is not taken for it") {
  const std::string file = here().parent_path() / "lib/calotype/plugins/schedulers.so";
  CHECK(error_of([&] { open_cuda_library(file); }) ==
        file + ": want a table of " + std::to_string(sizeof(cuda::Library)) +
            " bytes, got 0; build and install it together with the plugins");
}

TEST_CASE("cuda ops: tensors on the CPU are not theirs") {
  for (const at::ScalarType type : kTypes) CHECK(!has_cuda_kernels(at::full({2}, 1, type)));
}

TEST_CASE("cuda tiling: each pack of each row has one thread, in blocks and grids that a GPU takes") {
  for (const int64_t rows : {1, 2, 7, 8, 77, 300, 4096})
    for (const int64_t packs : {1, 2, 31, 32, 33, 40, 80, 97, 320})
      for (const int64_t most : {1, 64, 1024}) {
        CAPTURE(rows);
        CAPTURE(packs);
        CAPTURE(most);
        const cuda::Tiling t = cuda::tile(rows, packs, 2, 4, most);
        CHECK(t.wide <= 32);
        CHECK(t.wide * t.tall <= unsigned(cuda::kThreads));
        CHECK(t.tiles <= 65535);
        CHECK((t.parts == 1 || int64_t(t.parts) * t.tiles * t.images <= most));
        std::vector<int> threads(size_t(rows * packs));
        for (unsigned tile = 0; tile < t.tiles; ++tile)
          for (unsigned x = 0; x < t.wide; ++x)
            for (int64_t first = 0; first < int64_t(t.parts) * t.tall; ++first)
              for (int64_t row = first; row < rows; row += int64_t(t.parts) * t.tall)
                if (const int64_t pack = int64_t(tile) * t.wide + x; pack < packs)
                  ++threads[size_t(row * packs + pack)];
        CHECK(std::count(threads.begin(), threads.end(), 1) == rows * packs);
      }
}
