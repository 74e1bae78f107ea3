// calotype-plugin, the program of the SDK: what authors of schedulers and samplers need, without the host and its
// libtorch.
#include <calotype/error.h>
#include <calotype/version.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "base/spelling.h"
#include "cli/check_plugin.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/stdout_status.h"

namespace calotype::cli {

const char* const kProgram = "calotype-plugin";

namespace {

/// What crashed is kept from hosts by their own program; this one has none.
int check(const Arguments& arguments) {
  return check_plugin(arguments, [](const check::Outcome&) {});
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> out{plugin_new(), plugin_check(check)};
    for (Command& c : out) c.name = c.name.substr(c.name.rfind(' ') + 1);
    return out;
  }();
  return all;
}

namespace {

int run(int count, const char* const* words) {
  const std::string_view name = count > 1 ? words[1] : "--help";
  if (name == "--version") return std::puts("calotype-plugin " CALOTYPE_VERSION), 0;
  if (name == "--help" || name == "-h" || name == "help") {
    const std::string text = "calotype-plugin " CALOTYPE_VERSION ": writes and checks plugins for calotype\n\n" +
                             help(commands()) +
                             "\nHow to write one: write-a-scheduler.md and write-a-sampler.md in share/doc/calotype.\n";
    std::fputs(text.c_str(), count > 1 ? stdout : stderr);
    return count > 1 ? 0 : int(ErrorCode::usage);
  }
  std::vector<std::string> known;
  for (const auto& command : commands()) {
    known.push_back(command.name);
    if (name != command.name) continue;
    const Arguments arguments = parse(command, count - 2, words + 2);
    if (!arguments.help) return command.run(arguments);
    std::fputs(help(command).c_str(), stdout);
    return 0;
  }
  throw Error(ErrorCode::usage, unknown_name("command", name, known));
}

}  // namespace
}  // namespace calotype::cli

int main(int count, char** words) {
  using namespace calotype;
  const auto print = [](const Error& e) { cli::put(stderr, std::string(e.what()) + "\n"); };
  return cli::exit_code_of([&] { return cli::written_out(cli::run(count, words)); }, print);
}
