#include <calotype/host/host.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "commands.h"
#include "plugin_options.h"
#include "file.h"
#include "png.h"
#include "print.h"
#include "progress.h"

namespace calotype::cli {
namespace {

volatile std::sig_atomic_t caught_signal = 0;

/// The first signal ends the run after the model call that is under way, the second ends the program.
void on_signal(int number) {
  caught_signal = number;
  std::signal(number, SIG_DFL);
}

bool is_png(const std::string& path) {
  char start[4]{};
  std::ifstream(path, std::ios::binary).read(start, 4);
  return std::string_view(start, 4) == "\x89PNG";
}

Config open(const std::string& path, const std::vector<std::string>& overrides) {
  if (!is_png(path)) return Config::from_file(path, overrides);
  const auto texts = read_png_texts(read_file(path, size_t(256) << 20), path);
  const auto record = texts.find("calotype");
  if (record == texts.end()) throw Error(ErrorCode::bad_data, path + ": holds no \"calotype\" record; wanted a picture that calotype drew, or a config");
  return Config::from_json(record->second, path, overrides);
}

void print(const std::string& line) {
  if (std::printf("%s\n", line.c_str()) < 0 || std::fflush(stdout) != 0) throw Error(ErrorCode::io, "standard output cannot be written to");
}

void draw(Host& host, const ResolvedConfig& config, const Arguments& arguments) {
  ProgressBar bar(arguments.quiet);
  std::stop_source stop;
  RunOptions options;
  options.stop = stop.get_token();
  options.keep_pixels = false;
  options.progress = [&](const Progress& p) {
    if (caught_signal) stop.request_stop();
    bar.show(p);
  };
  options.finished = [&](const Picture& p) {
    bar.clear();
    if (!arguments.json) print(p.path);
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
    print(line.dump());
  }
}

}  // namespace

int run_command(const Arguments& arguments) {
  if (arguments.names.empty()) throw Error(ErrorCode::usage, "run: wanted a config or a picture\n" + help(commands()[0]));
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  Host host(host_options(arguments));
  // everything is checked before anything is drawn
  std::vector<Plan> plans;
  for (const auto& name : arguments.names) {
    plans.push_back(host.plan(host.resolve(open(name, arguments.overrides))));
    Host::check_outputs(plans.back());
  }
  for (const auto& plan : plans) {
    if (arguments.dry_run) print(arguments.json ? to_json(plan).dump() : to_text(plan));
    else draw(host, plan.config, arguments);
  }
  return 0;
}

int signal_status() { return caught_signal ? 128 + caught_signal : 0; }

}  // namespace calotype::cli
