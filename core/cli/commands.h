#pragma once
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace calotype::cli {

int run_command(const Arguments& arguments);
int grid_command(const Arguments& arguments);
int list_command(const Arguments& arguments);
int models_command(const Arguments& arguments);
int schema_command(const Arguments& arguments);
int completion_command(const Arguments& arguments);
int show_command(const Arguments& arguments);
int sigmas_command(const Arguments& arguments);

/// The commands that begin with "plugin", one file each.
const std::vector<Command>& plugin_commands();
/// "plugin new": of the program of the SDK too.
Command plugin_new();
int plugin_why_command(const Arguments& arguments);
int plugin_lock_command(const Arguments& arguments);
int plugin_check_command(const Arguments& arguments);

/// What `list` lists, and the shells that `completion` knows.
const std::vector<std::string>& list_kinds();
const std::vector<std::string>& completion_shells();

/// Prints what the last of these words, which is being typed, may become, one a line. `words`: of the command line up
/// to there, without the program. The scripts of `completion` ask for it; no help names it.
int complete(const std::vector<std::string>& words);

/// 128 + the signal that ended a run, or 0.
int signal_status();

}  // namespace calotype::cli
