#include <calotype/host/host.h>

#include <cstdio>

#include "commands.h"
#include "plugin_options.h"
#include "print.h"

namespace calotype::cli {

int sigmas_command(const Arguments& arguments) {
  if (arguments.names.size() != 1) throw Error(ErrorCode::usage, "sigmas: wanted one scheduler, got " + std::to_string(arguments.names.size()));
  if (!arguments.has_steps) throw Error(ErrorCode::usage, "sigmas: wanted --steps N, got none");
  if (arguments.steps < 1 || arguments.steps > 1000) throw Error(ErrorCode::usage, "sigmas: --steps: wanted 1 to 1000, got " + std::to_string(arguments.steps));
  Host host(host_options(arguments));
  const Choice scheduler = host.choose(Kind::scheduler, arguments.names[0], arguments.overrides);
  for (const auto& w : scheduler.warnings) std::fprintf(stderr, "calotype: warning: %s\n", w.c_str());
  const std::vector<double> sigmas = host.sigmas(scheduler, arguments.steps);
  if (arguments.json) {
    Json out{{"scheduler", scheduler.entry.id}, {"steps", arguments.steps}, {"settings", Json::object()}, {"sigmas", sigmas}};
    for (const auto& [name, value] : scheduler.settings) out["settings"][name] = to_json(value);
    std::printf("%s\n", out.dump().c_str());
  } else {
    for (const double sigma : sigmas) std::printf("%s\n", to_text(sigma).c_str());
  }
  return 0;
}

}  // namespace calotype::cli
