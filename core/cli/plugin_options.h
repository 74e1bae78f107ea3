#pragma once
#include <calotype/host/host.h>

#include "cli/arguments.h"

namespace calotype::cli {

/// What --builtin-only, --without and --retry ask for.
Host::Options host_options(const Arguments& arguments);

}  // namespace calotype::cli
