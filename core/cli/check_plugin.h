#pragma once
#include <functional>

#include "check/runner.h"
#include "cli/arguments.h"

namespace calotype::cli {

/// "plugin check", of both programs.
Command plugin_check(int (*run)(const Arguments& arguments));

/// Checks the plugin that `arguments` name, prints the results, and calls `done` for each check as it ends. Returns
/// the exit code: 0, or 1 where a check failed. Throws Error (usage, no_input, cannot_create).
int check_plugin(const Arguments& arguments, const std::function<void(const check::Outcome&)>& done);

}  // namespace calotype::cli
