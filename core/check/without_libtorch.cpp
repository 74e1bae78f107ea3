// The checks that need libtorch, for a program without it.
#include <calotype/error.h>

#include "check/check.h"
#include "registry/manifest.h"

namespace calotype {

/// No requirements: load_libtorch rejects libraries of tier 2.
std::map<std::string, std::string> host_build() {
  return {};
}

namespace check {

void load_libtorch() {
  throw Error(
      ErrorCode::usage,
      "plugin check: want a scheduler or sampler, got a loader or pipeline, which is built for a host's libtorch; "
      "check it with `calotype plugin check`");
}

const std::vector<Check>& loader_checks() {
  static const std::vector<Check> none;
  return none;
}

}  // namespace check
}  // namespace calotype
