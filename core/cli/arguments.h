#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace calotype::cli {

/// What stands on the command line after the command.
struct Arguments {
  std::vector<std::string> names;      ///< configs, images, ids
  std::vector<std::string> overrides;  ///< --set KEY=VALUE
  int steps = 0;
  bool has_steps = false;
  bool dry_run = false, json = false, markdown = false, quiet = false, help = false;
  bool builtin_only = false, retry = false;
  std::vector<std::string> without;  ///< --without ID
  std::string config;                ///< --config CONFIG
  std::string kind, lang = "c++";    ///< --kind, --lang
  std::string across, down;          ///< --x, --y KEY=VALUE,VALUE
  std::string output;                ///< --output FILE
  int cell = 256;                    ///< --cell PIXELS
  bool curves = false;               ///< --curves
  std::string model;                 ///< --model MODEL
  std::string plot;                  ///< --plot FILE
  std::string junit;                 ///< --junit FILE
  std::string level = "full";        ///< --level quick|full
  std::vector<std::string> only;     ///< --only CHECK, once for each
  uint64_t seed = 1;                 ///< --seed N
  int time_limit = 30;               ///< --time-limit SECONDS
};

/// A command. That of a group has all its words in its name, "plugin check"; the group's own does nothing but lead to
/// them.
struct Command {
  std::string name, usage, summary;
  std::vector<std::string> options;  ///< the names of those that it takes
  int (*run)(const Arguments& arguments);
  const std::vector<Command>& (*group)() = nullptr;
};
/// What the program is called: "calotype", or "calotype-plugin".
extern const char* const kProgram;

/// The commands, in the order of the help.
const std::vector<Command>& commands();

/// Throws Error (usage) naming the option, and the nearest that the command has.
Arguments parse(const Command& command, int count, const char* const* words);

/// "usage: calotype run ..." with the command's options.
std::string help(const Command& command);
/// All commands, those of groups too.
std::string help();
/// The commands of a group.
std::string help(const std::vector<Command>& group);

}  // namespace calotype::cli
