// The part of the kit that wants libtorch, in a program that has none.
#include <calotype/error.h>

#include "check/check.h"
#include "registry/manifest.h"

namespace calotype {

/// Nothing is demanded of a library of tier 2, which load_libtorch turns away.
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
