#pragma once
#include <string>
#include <vector>

namespace calotype::cli {

/// What stands on the command line after the command.
struct Arguments {
  std::vector<std::string> names;      ///< configs, pictures, ids
  std::vector<std::string> overrides;  ///< --set KEY=VALUE
  int steps = 0;
  bool has_steps = false;
  bool dry_run = false, json = false, quiet = false, help = false;
};

/// The commands, in the order of the help.
struct Command {
  std::string name, usage, summary;
  std::vector<std::string> options;    ///< of: set, steps, dry-run, json, quiet
  int (*run)(const Arguments& arguments);
};
const std::vector<Command>& commands();

/// Throws Error (usage) naming the option, and the nearest that the command has.
Arguments parse(const Command& command, int count, const char* const* words);

/// "usage: calotype run ..." with the command's options.
std::string help(const Command& command);
/// All commands.
std::string help();

}  // namespace calotype::cli
