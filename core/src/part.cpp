#include "part.h"

#include <calotype/error.h>
#include <dlfcn.h>

#include "discovery.h"
#include "loading_memory.h"

namespace calotype {

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
