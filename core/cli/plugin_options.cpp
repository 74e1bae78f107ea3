#include "cli/plugin_options.h"

#include "cli/commands.h"

namespace calotype::cli {

Host::Options host_options(const Arguments& arguments) {
  Host::Options options;
  options.builtin_only = arguments.builtin_only;
  options.without = arguments.without;
  options.retry = arguments.retry;
  options.keep_loaded = true;  // main ends without their destructors
  return options;
}

}  // namespace calotype::cli
