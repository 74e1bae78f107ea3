#include <cstdio>
#include <optional>

#include "check_plugin.h"
#include "commands.h"
#include "crash_memory.h"

namespace calotype::cli {

int plugin_check_command(const Arguments& arguments) {
  std::optional<Crash> crash;  // the first
  const int code = check_plugin(arguments, [&](const check::Outcome& o) {
    if (o.is_crash && !crash) crash = {arguments.names[0], o.signal, o.last_call, o.said};
  });
  const bool is_whole = arguments.only.empty() && arguments.level == "full";
  if (!crash && is_whole) forget_crash(arguments.names[0]);
  if (!crash) return code;
  remember_crash(*crash);
  if (!arguments.json)
    std::printf("%s: refused by hosts from now on, as it is; --retry lets it in\n", arguments.names[0].c_str());
  return code;
}

}  // namespace calotype::cli
