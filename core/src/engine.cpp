#include "engine.h"

#include <dlfcn.h>

#include "discovery.h"

namespace calotype {

namespace {

using Make = Engine*(Libraries&);

Make* find_engine() {
  const std::string path = own_folder() + "/libcalotype_engine.so";
  const auto fail = [&] {
    const char* cause = dlerror();
    throw Error(ErrorCode::unavailable, path + ": cannot be loaded: " + (cause ? cause : "unknown cause") + "; install Calotype's host again, or its libtorch");
  };
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: libtorch does not unload
  if (!library) fail();
  const auto make = reinterpret_cast<Make*>(dlsym(library, "calotype_make_engine"));
  if (!make) fail();
  return make;
}

}  // namespace

void load_engine() { find_engine(); }

std::unique_ptr<Engine> make_engine(Libraries& libraries) { return std::unique_ptr<Engine>(find_engine()(libraries)); }

}  // namespace calotype
