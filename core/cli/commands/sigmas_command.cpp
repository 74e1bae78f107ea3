#include <calotype/host/host.h>

#include <cstdio>

#include "base/file.h"
#include "base/spelling.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/figures_library.h"
#include "cli/plugin_options.h"
#include "cli/print.h"
#include "cli/table.h"

namespace calotype::cli {
namespace {

Json to_json(const Choice& scheduler, const std::vector<double>& sigmas) {
  Json out{{"scheduler", scheduler.entry.id},
           {"steps", sigmas.size() - 1},
           {"settings", Json::object()},
           {"sigmas", sigmas}};
  for (const auto& [name, value] : scheduler.settings) out["settings"][name] = calotype::to_json(value);
  return out;
}

void print(const std::vector<figures::Curve>& curves) {
  std::vector<std::vector<std::string>> rows;
  if (curves.size() > 1) {
    rows.emplace_back();
    for (const auto& curve : curves) rows[0].push_back(curve.name);
  }
  for (size_t i = 0; i < curves[0].sigmas.size(); ++i) {
    rows.emplace_back();
    for (const auto& curve : curves) rows.back().push_back(to_text(curve.sigmas[i]));
  }
  print_table(rows);
}

}  // namespace

int sigmas_command(const Arguments& arguments) {
  if (arguments.names.empty()) throw Error(ErrorCode::usage, "sigmas: want a scheduler, or several, got none");
  if (!arguments.has_steps) throw Error(ErrorCode::usage, "sigmas: want --steps N, got none");
  if (arguments.steps < 1 || arguments.steps > 1000)
    throw Error(ErrorCode::usage, "sigmas: --steps: want 1 to 1000, got " + std::to_string(arguments.steps));
  if (arguments.names.size() > 1 && !arguments.overrides.empty())
    throw Error(ErrorCode::usage, "sigmas: --set is for one scheduler, got " + std::to_string(arguments.names.size()));
  if (!arguments.plot.empty() && !has_ending(arguments.plot, ".png"))
    throw Error(ErrorCode::usage, "sigmas: --plot: want a name that ends in .png, got \"" + arguments.plot + "\"");
  Host host(host_options(arguments));
  const std::vector<double> trained =
      arguments.model.empty() ? host.usual_training_sigmas() : host.describe(arguments.model).training_sigmas;
  std::vector<figures::Curve> curves;
  for (const auto& name : arguments.names) {
    const Choice scheduler = host.choose(Kind::scheduler, name, arguments.overrides);
    for (const auto& w : scheduler.warnings) put_line(stderr, "calotype: warning: " + w);
    curves.push_back({name, host.sigmas(scheduler, arguments.steps, trained)});
    if (arguments.json) print_json(to_json(scheduler, curves.back().sigmas));
  }
  if (!arguments.plot.empty()) write_file(arguments.plot, figures_library().draw_sigmas(curves));
  if (!arguments.json) print(curves);
  return 0;
}

}  // namespace calotype::cli
