#include "base/install_folder.h"

#include <calotype/error.h>
#include <calotype/loading_memory.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// The path of this library's file, looked up when the library is loaded, because its name may be relative and the
/// working folder may change. Null if that fails; throws nothing. Lives as long as the library.
const char* const kOwnLibrary = [] {
  Dl_info info{};
  return dladdr(reinterpret_cast<void*>(&own_folder), &info) ? realpath(info.dli_fname, nullptr) : nullptr;
}();

}  // namespace

std::string own_folder() {
  if (!kOwnLibrary)
    throw Error(ErrorCode::unavailable,
                "libcalotype: the folder that it was loaded from cannot be found; load it by its full path");
  return fs::path(kOwnLibrary).parent_path() / "calotype";
}

std::string own_plugin_folder() {
  return own_folder() + "/plugins";
}

void* load_part(const std::string& file, const char* symbol) {
  const std::string path = own_folder() + "/" + file;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* function = library ? dlsym(library, symbol) : nullptr;
  if (function) return function;
  const char* cause = dlerror();
  const std::string problem = path + ": cannot be loaded: " + (cause ? cause : symbol);
  if (lacked_memory(problem)) throw Error(ErrorCode::out_of_memory, problem + kMoreMemory);
  throw Error(ErrorCode::unavailable, problem + "; install Calotype's host again, or what it names");
}

}  // namespace calotype
