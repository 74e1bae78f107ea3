#include "cache_folder.h"

#include <cstdlib>

#include "model_places.h"

namespace calotype {

std::string cache_folder() {
  // a relative one says nothing: the XDG Base Directory Specification
  if (const char* base = secure_getenv("XDG_CACHE_HOME"); base && *base == '/') return std::string(base) + "/calotype";
  const std::string home = home_folder();
  return home.empty() ? "" : home + "/.cache/calotype";
}

}  // namespace calotype
