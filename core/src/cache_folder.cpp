#include "cache_folder.h"

#include <cstdlib>

#include "model_places.h"

namespace calotype {

std::string cache_folder() {
  const char* base = secure_getenv("XDG_CACHE_HOME");
  return (base && *base ? std::string(base) : with_home("~/.cache")) + "/calotype";
}

}  // namespace calotype
