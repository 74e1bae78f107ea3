#include "base/install_folder.h"

#include <calotype/error.h>
#include <calotype/loading_memory.h>
#include <dlfcn.h>
#include <link.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <filesystem>

namespace calotype {
namespace fs = std::filesystem;
namespace {

/// Where the host's own folder may lie, seen from the folder of the file that this code is in: an engine is in it,
/// libcalotype beside it, a program in bin.
constexpr const char* kPlaces[] = {"", "/calotype", CALOTYPE_FOLDERS_FROM_PROGRAM};
/// A file that every host has in its folder.
constexpr const char* kMark = "/model_names.yaml";

/// The file of this code, absolute; empty if it cannot be found. The linker calls a program by its first argument,
/// which may be anything, so the kernel is asked for that.
fs::path own_file() {
  Dl_info info{};
  void* entry = nullptr;
  if (!dladdr1(reinterpret_cast<void*>(&own_folder), &info, &entry, RTLD_DL_LINKMAP)) return "";
  std::error_code failed;
  if (const std::string name = static_cast<const link_map*>(entry)->l_name; !name.empty())
    return fs::canonical(name, failed);
  fs::path program = fs::canonical("/proc/self/exe", failed);
  if (!failed) return program;
  const auto* started = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  return started ? fs::canonical(started, failed) : "";
}

/// Absolute; empty if the file of this code cannot be found. Throws nothing.
std::string find_own_folder() try {
  const fs::path file = own_file();
  if (file.empty()) return "";
  const std::string folder = file.parent_path();
  for (const char* place : kPlaces)
    if (access((folder + place + kMark).c_str(), F_OK) == 0) return fs::path(folder + place).lexically_normal();
  return folder + "/calotype";
} catch (const std::exception&) {
  return "";
}

/// Looked up when this code is loaded, because the name of its file may be relative and the working folder may change.
const std::string& kOwnFolder = *new std::string(find_own_folder());  // static objects may need it when they end

}  // namespace

std::string own_folder() {
  if (kOwnFolder.empty())
    throw Error(ErrorCode::unavailable,
                "libcalotype: the folder that it was loaded from cannot be found; load it by its full path");
  return kOwnFolder;
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
