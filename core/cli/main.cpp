#include <calotype/error.h>
#include <calotype/host/config_errors.h>
#include <calotype/version.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "base/spelling.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/stdout_status.h"

namespace calotype::cli {

const char* const kProgram = "calotype";

namespace {

std::vector<std::string> with_plugins(std::vector<std::string> options) {
  options.insert(options.end(), {"builtin-only", "without", "retry"});
  return options;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"run", "CONFIG|PNG|- ... [--set KEY=VALUE ...]",
       "generates what each config asks for, or an image again; prints a path a line",
       with_plugins({"set", "dry-run", "json", "quiet"}), run_command},
      {"grid", "CONFIG --x KEY=V,V [--y KEY=V,V] [--set KEY=VALUE ...]",
       "generates a config once for each of these values, and lays the images on one sheet",
       with_plugins({"x", "y", "set", "output", "cell", "curves", "quiet"}), grid_command},
      {"list", "[schedulers|samplers|loaders|pipelines|plugins|keys|settings]",
       "what is there to choose from; keys, settings: as Markdown tables", with_plugins({"json", "markdown"}),
       list_command},
      {"models",
       "[--set models_dir=FOLDER]",
       "the models that a config can name, by their headers, and what is refused",
       {"set", "json"},
       models_command},
      {"show", "ID|PLUGIN|MODEL|PNG ...", "all that is known of a scheduler, sampler, plugin, model or image",
       with_plugins({"set", "json"}), show_command},
      {"sigmas", "SCHEDULER ... --steps N [--set KEY=VALUE ...] [--plot FILE.png]",
       "the sigmas that schedulers give for a model", with_plugins({"steps", "model", "set", "plot", "json"}),
       sigmas_command},
      {"schema", "", "the JSON Schema of a config with all plugins in reach, for editors", {"json"}, schema_command},
      {"completion",
       "bash|zsh|fish",
       "a script that teaches this shell the commands, names and keys",
       {},
       completion_command},
      {"plugin", "", "", {}, nullptr, plugin_commands}};
  return all;
}

namespace {

/// words[0] names a command of the group; what it is called in a message is `what`.
int run(const std::vector<Command>& group, const std::string& what, int count, const char* const* words) {
  const std::string_view name = words[0];
  std::vector<std::string> known;
  for (const auto& command : group) {
    known.push_back(command.name.substr(command.name.rfind(' ') + 1));
    if (name != known.back()) continue;
    if (command.group) {
      const std::string_view next = count > 1 ? words[1] : "--help";
      if (next != "--help" && next != "-h")
        return run(command.group(), command.name + " command", count - 1, words + 1);
      std::fputs(help(command.group()).c_str(), count > 1 ? stdout : stderr);
      return count > 1 ? 0 : int(ErrorCode::usage);
    }
    const Arguments arguments = parse(command, count - 1, words + 1);
    if (!arguments.help) return command.run(arguments);
    std::fputs(help(command).c_str(), stdout);
    return 0;
  }
  throw Error(ErrorCode::usage, unknown_name(what, name, known));
}

int run(int count, const char* const* words) {
  const std::string_view name = count > 1 ? words[1] : "--help";
  if (name == "--help" || name == "-h" || name == "help") {
    std::fputs(help().c_str(), count > 1 ? stdout : stderr);
    return count > 1 ? 0 : int(ErrorCode::usage);
  }
  if (name == "--version") return std::puts("calotype " CALOTYPE_VERSION), 0;
  if (name == "complete") return complete({words + 2, words + count});
  return run(commands(), "command", count - 1, words + 1);
}

}  // namespace
}  // namespace calotype::cli

namespace {

/// A misuse is reported with the help, over several lines; other errors are one line each.
void print_error(const calotype::Error& error) {
  if (error.code() == calotype::ErrorCode::usage)
    calotype::cli::put(stderr, std::string(error.what()) + "\n");
  else if (const auto* several = dynamic_cast<const calotype::ConfigErrors*>(&error))
    for (const auto& each : several->errors()) print_error(each);
  else
    calotype::cli::put_line(stderr, error.what());
}

int status_of(int count, char** words) {
  using namespace calotype;
  const int status = cli::exit_code_of([&] { return cli::run(count, words); }, print_error);
  return status == int(ErrorCode::cancelled) && cli::signal_status() ? cli::signal_status() : status;
}

const pid_t kOwn = getpid();  // a child of `plugin check` ends as it likes

bool has_threads() {
  try {
    std::thread([] {}).join();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

/// This program ends with _Exit, so what calls exit is a plugin, or a library: libgomp does where it is granted no
/// thread.
void on_exit_of_others() {
  using calotype::ErrorCode;
  if (getpid() != kOwn) return;
  std::fflush(stdout);
  const bool is_defect = has_threads();
  std::fputs(is_defect ? "calotype: defect: a plugin or a library ended the program\n"
                       : "calotype: the system grants no more threads; want OMP_NUM_THREADS=1, or a higher limit "
                         "(ulimit -u, pids.max)\n",
             stderr);
  std::_Exit(int(is_defect ? ErrorCode::internal : ErrorCode::out_of_memory));
}

std::terminate_handler usual_end = nullptr;

/// Some of libtorch's functions that may not throw take memory, and some destructors of what this program prints: where
/// there is none, the program ends in the middle, and reports why.
void on_terminate() {
  using calotype::ErrorCode;
  if (getpid() != kOwn) usual_end();
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    std::fputs("out of memory, where nothing can be done without\n", stderr);
    std::_Exit(int(ErrorCode::out_of_memory));
  } catch (...) {
  }
  usual_end();
}

}  // namespace

int main(int count, char** words) {
  usual_end = std::set_terminate(on_terminate);
  std::atexit(on_exit_of_others);
  // a file grown past the user's limit is then an error of its writing, which takes away what is half written
  std::signal(SIGXFSZ, SIG_IGN);
  const int status = calotype::cli::written_out(status_of(count, words));
  std::fflush(nullptr);
  std::_Exit(status);  // all is done: no destructor of a plugin's static, nor of libtorch's, can spoil it any more
}
