#include "networks/kernels/cuda_library.h"

#include <calotype/error.h>
#include <calotype/loading_memory.h>
#include <dlfcn.h>

#include <filesystem>

#include "networks/files/shipped_file.h"

namespace calotype::networks {
namespace {

[[noreturn]] void unavailable(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::unavailable, file + ": " + what);
}

}  // namespace

#ifdef CALOTYPE_CUDA_KERNELS
bool is_cuda_library_built() {
  return true;
}
#else
bool is_cuda_library_built() {
  return false;
}
#endif

const cuda::Library& open_cuda_library(const std::string& file) {
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    unavailable(file,
                "no such file, want the kernels for CUDA that this was built with; install them there, or build with "
                "CALOTYPE_CUDA_KERNELS=OFF");
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* cause = dlerror();
    const std::string problem = "cannot be loaded: " + std::string(cause ? cause : "unknown cause");
    if (lacked_memory(problem)) throw Error(ErrorCode::out_of_memory, file + ": " + problem + kMoreMemory);
    unavailable(file, problem + "; want the libtorch with CUDA that it was built for (CALOTYPE_CUDA=1 ./dev build)");
  }
  const auto get = reinterpret_cast<cuda::GetLibrary*>(dlsym(handle, cuda::kLibrarySymbol));
  const cuda::Library* library = get ? get() : nullptr;
  const uint32_t found = library ? library->size : 0;
  if (found < sizeof(cuda::Library))
    unavailable(file, "want a table of " + std::to_string(sizeof(cuda::Library)) + " bytes, got " +
                          std::to_string(found) + "; build and install it together with the plugins");
  return *library;
}

const cuda::Library& cuda_library() {
  static const cuda::Library& library = open_cuda_library(shipped_file("sdxl_cuda.so"));
  return library;
}

}  // namespace calotype::networks
