#include <calotype/host/host.h>

#include <cstdio>

#include "commands.h"
#include "drawing.h"
#include "plugin_options.h"
#include "print.h"

namespace calotype::cli {
namespace {

void draw(Host& host, const ResolvedConfig& config, const Arguments& arguments) {
  ProgressBar bar(arguments.quiet);
  std::stop_source stop;
  RunOptions options = watched_run(bar, stop);
  options.finished = [&](const Picture& p) {
    bar.clear();
    if (!arguments.json) print_line(p.path);
  };
  const Result result = host.run(config, options);
  bar.clear();
  if (!arguments.json) {
    for (const auto& w : result.warnings) std::fprintf(stderr, "calotype: warning: %s\n", w.c_str());
    for (const auto& f : result.fallbacks) std::fprintf(stderr, "calotype: memory ran out; went on with %s\n", f.c_str());
    return;
  }
  for (const auto& p : result.pictures) {
    Json line = to_json(p, result);
    if (!result.latents_path.empty()) line["latents"] = result.latents_path;
    line["warnings"] = result.warnings;
    line["statistics"] = to_json(result.statistics);
    print_line(line.dump());
  }
}

}  // namespace

int run_command(const Arguments& arguments) {
  if (arguments.names.empty()) throw Error(ErrorCode::usage, "run: wanted a config or a picture\n" + help(commands()[0]));
  catch_signals();
  Host host(host_options(arguments));
  // everything is checked before anything is drawn
  std::vector<Plan> plans;
  for (const auto& name : arguments.names) {
    plans.push_back(host.plan(host.resolve(open_config(name, arguments.overrides))));
    Host::check_outputs(plans.back());
  }
  for (const auto& plan : plans) {
    if (arguments.dry_run) print_line(arguments.json ? to_json(plan).dump() : to_text(plan));
    else draw(host, plan.config, arguments);
  }
  return 0;
}

}  // namespace calotype::cli
