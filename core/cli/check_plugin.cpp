#include "cli/check_plugin.h"

#include <calotype/error.h>

#include <cstdio>

#include "base/file.h"
#include "base/spelling.h"
#include "check/report.h"
#include "cli/edge.h"

namespace calotype::cli {
namespace {

check::Options options_of(const Arguments& arguments) {
  if (arguments.level != "quick" && arguments.level != "full")
    throw Error(ErrorCode::usage,
                "plugin check: --level: " + unknown_name("level", arguments.level, {"quick", "full"}));
  if (arguments.time_limit < 1)
    throw Error(ErrorCode::usage,
                "plugin check: --time-limit: want 1 or more, got " + std::to_string(arguments.time_limit));
  return {arguments.level == "quick" ? check::Level::quick : check::Level::full, arguments.seed, arguments.time_limit,
          arguments.only};
}

}  // namespace

Command plugin_check(int (*run)(const Arguments&)) {
  return {"plugin check",
          "FILE [--only CHECK ...]",
          "holds a plugin to its contract, check by check, each in a process of its own",
          {"json", "junit", "level", "only", "quiet", "seed", "time-limit"},
          run};
}

int check_plugin(const Arguments& arguments, const std::function<void(const check::Outcome&)>& done) {
  if (arguments.names.size() != 1)
    throw Error(ErrorCode::usage, "plugin check: want one library, got " + std::to_string(arguments.names.size()));
  const std::string& file = arguments.names[0];
  bool is_good = true, is_plugin = true;
  const auto outcomes = check::run_checks(file, options_of(arguments), [&](const check::Outcome& o) {
    is_good = is_good && o.verdict != check::Verdict::failed;
    if (o.check->id == "is-accepted") is_plugin = is_good;
    if (arguments.json)
      put_json(check::to_json(o));
    else if ((!arguments.quiet && is_plugin) || o.verdict == check::Verdict::failed)
      put(stdout, check::to_text(o));
    done(o);
  });
  if (!arguments.json) put_line(stdout, file + ": " + check::summary(outcomes));
  if (!arguments.junit.empty()) write_file(arguments.junit, check::to_junit(file, outcomes));
  return is_good ? 0 : 1;
}

}  // namespace calotype::cli
