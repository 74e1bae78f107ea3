#include <calotype/host/host.h>

#include <cstdio>
#include <ctime>
#include <utility>

#include "base/error_list.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/plugin_options.h"
#include "cli/print.h"
#include "cli/run_support.h"

namespace calotype::cli {
namespace {

/// An error that only the plan can find names the config.
Plan planned(Host& host, const Config& config) {
  const ResolvedConfig resolved = host.resolve(config);
  try {
    return host.plan(resolved);
  } catch (const Error& e) {
    const std::string_view what = e.what();
    if (e.code() != ErrorCode::config || what.starts_with(resolved.name) || what.starts_with("--set ")) throw;
    throw Error(e.code(), resolved.name + ": " + e.what());
  }
}

/// 2025-01-31T23:59:59.123Z
std::string utc(double seconds) {
  const auto whole = std::time_t(seconds);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char text[32], out[48];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(out, sizeof out, "%s.%03dZ", text, int((seconds - double(whole)) * 1000));
  return out;
}

Json line_of(const GeneratedImage& p, const Plan& plan) {
  Json line = to_json(p, plan.device, plan.dtype);
  line["config_file"] = plan.config.name;
  line["started"] = utc(p.started);
  line["finished"] = utc(p.finished);
  line["seconds"] = p.finished - p.started;
  return line;
}

void print_warnings(const Result& result) {
  for (const auto& w : result.warnings) put_line(stderr, "calotype: warning: " + w);
  for (const auto& f : result.fallbacks) put_line(stderr, "calotype: memory ran out; went on with " + f);
}

/// The lines of --json: each image's when its file is there; the last one's at the end of the run, with what is known
/// then.
class Lines {
 public:
  explicit Lines(const Plan& plan) : plan_(plan) {}
  void finished(const GeneratedImage& p) {
    Json line = line_of(p, plan_);
    line["statistics"] = to_json(p.statistics);
    if (p.index + 1 == plan_.config.request.images)
      last_ = std::move(line);
    else
      print_json(line), check_output();
  }
  void ended(const Result& result) {
    if (last_.is_null()) return print_warnings(result);  // an image that was there
    if (!result.latents_path.empty()) last_["latents"] = result.latents_path;
    last_["warnings"] = result.warnings;
    last_["statistics"] = to_json(result.statistics);
    failed();
  }
  /// The run ended after its last image.
  void failed() {
    if (const Json line = std::exchange(last_, Json()); !line.is_null()) print_json(line), check_output();
  }

 private:
  const Plan& plan_;
  Json last_;
};

void generate(Host& host, const Plan& plan, const Arguments& arguments) {
  ProgressBar bar(arguments.quiet);
  std::stop_source stop;
  RunOptions options = watched_run(bar, stop);
  Lines lines(plan);
  options.finished = [&](const GeneratedImage& p) {
    bar.clear();
    if (arguments.json)
      lines.finished(p);
    else
      put_path(p.path), check_output();
  };
  try {
    const CaughtSignals signals;
    const Result result = host.run(plan, options);
    bar.clear();
    if (arguments.json)
      lines.ended(result);
    else
      print_warnings(result);
  } catch (...) {
    bar.clear();
    lines.failed();
    throw;
  }
}

void print_plans(const std::vector<Plan>& plans, const Arguments& arguments) {
  for (const auto& plan : plans) {
    if (arguments.json)
      print_json(to_json(plan));
    else
      put(stdout, to_text(plan) + "\n");
    check_output();
  }
}

}  // namespace

int run_command(const Arguments& arguments) {
  if (arguments.names.empty()) throw Error(ErrorCode::usage, "run: want a config or an image\n" + help(commands()[0]));
  Host host(host_options(arguments));
  ErrorList errors;
  std::vector<Config> configs;
  for (const auto& name : arguments.names)
    errors.run([&] { configs.push_back(open_config(name, arguments.overrides)); });
  // everything is checked before anything is generated
  std::vector<Plan> plans;
  for (const Config& config : configs) errors.run([&] { plans.push_back(planned(host, config)); });
  errors.check();
  std::vector<Plan> settled = plans;  // with numbers, which a run finds again when it writes
  Host::check_outputs(settled);
  if (arguments.dry_run) {
    print_plans(settled, arguments);
    return 0;
  }
  for (const auto& plan : plans) Host::check_memory(plan);
  for (const auto& plan : plans) generate(host, plan, arguments), check_output();
  return 0;
}

}  // namespace calotype::cli
