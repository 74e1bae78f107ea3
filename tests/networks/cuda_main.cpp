// A main of its own: on a machine without a GPU the cases on one are skipped, each by its name.
#define DOCTEST_CONFIG_IMPLEMENT
#include <ATen/core/grad_mode.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "networks/cuda_test.h"
#include "networks/kernels/cuda_library.h"

namespace {
using namespace cuda_test;

/// Why the cases on a GPU cannot run here, or "".
std::string why_no_gpu() {
  if (!is_cuda_library_built()) return "built without CALOTYPE_CUDA_KERNELS";
  if (access("/dev/nvidiactl", F_OK) && access("/dev/dxg", F_OK)) return "no GPU is here";
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&at::accelerator::deviceCount), &info);
  const auto library = std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
  if (!dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return dlerror();
  return at::accelerator::deviceCount() ? "" : "the driver shows no GPU";
}

}  // namespace

int main(int argc, char** argv) {
  const at::NoGradGuard no_grad;
  doctest::Context context(argc, argv);
  const std::string why = why_no_gpu();
  if (!why.empty() && std::getenv("CALOTYPE_TEST_DEVICE")) {  // where a GPU is to be tested
    std::printf("cuda_kernels: FAILED, nothing was tested: %s\n", why.c_str());
    return 1;
  }
  if (!why.empty()) {
    std::printf("cuda_kernels: %s: the cases of the suite \"gpu\" are skipped:\n", why.c_str());
    std::fflush(stdout);
    const char* list[] = {argv[0], "--list-test-cases", "--test-suite=gpu"};
    doctest::Context(3, list).run();
    context.setOption("test-suite-exclude", "gpu");
  }
  return context.run();
}
